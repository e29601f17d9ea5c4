import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before } from 'mocha';
import { createLocalCompute } from '../../../adapters/compute/local-process.ts';
import { Failure, isFailure } from '../../../domain/failure.ts';
import type { TrainingEvent } from '../../../domain/training.ts';
import { isAlive } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

const LOCAL_PROCESS = new URL('../../../adapters/compute/local-process.ts', import.meta.url).href;

describe('training on this machine', () => {
  let directory: string;
  let programs = 0;

  before('make room for programs', async () => {
    directory = await mkdtemp(join(tmpdir(), 'barometer-local-process-'));
  });

  after('remove them', () => rm(directory, { recursive: true, force: true }));

  async function writeProgram(source: string): Promise<string> {
    programs += 1;
    const file = join(directory, `program-${programs}.mjs`);
    await writeFile(file, source);
    return file;
  }

  interface Settings {
    readonly signal?: AbortSignal;
    readonly gracePeriodMs?: number;
    readonly onEvent?: (event: TrainingEvent) => void;
  }

  /** Runs this source as the program; what it said until it ended, and the failure that it ended with. */
  async function run(source: string, { signal = new AbortController().signal, gracePeriodMs = 3_000, onEvent }: Settings = {}) {
    const compute = createLocalCompute({ command: [process.execPath, await writeProgram(source)], environment: { ...process.env, TOLD: 'by its environment' }, gracePeriodMs });
    const events: TrainingEvent[] = [];
    const error = await compute
      .run({ runName: 'a-run' }, {
        onEvent(event) {
          events.push(event);
          onEvent?.(event);
        },
        signal,
      })
      .then(() => null, (reason: unknown) => reason);
    return { events, error };
  }

  function toLogs(events: readonly TrainingEvent[]): string[] {
    return events.map((event) => (event.type === 'log' ? event.message : `not a log: ${event.type}`));
  }

  it('tells the program its run and its environment, and hands on what it says as it says it', async () => {
    const { events, error } = await run(`
      const say = (event) => console.log(JSON.stringify(event));
      say({ type: 'log', message: process.argv.slice(2).join(' ') });
      say({ type: 'log', message: process.env.TOLD });
      say({ type: 'checkpoint', epoch: 2, bytes: 10 });
      process.disconnect();
    `);
    assert.equal(error, null);
    assert.deepEqual(events, [
      { type: 'log', message: '--run a-run' },
      { type: 'log', message: 'by its environment' },
      { type: 'checkpoint', epoch: 2, bytes: 10 },
    ]);
  });

  it('hands events on before the program has ended', async () => {
    const controller = new AbortController();
    const { events, error } = await run(
      `console.log(JSON.stringify({ type: 'checkpoint', epoch: 1, bytes: 1 })); setInterval(() => {}, 1000);`,
      { signal: controller.signal, onEvent: () => { controller.abort(); } },
    );
    assert.equal(events.length, 1);
    assert.equal((error as Error).name, 'AbortError');
  });

  it('takes lines that are no events for log lines', async () => {
    const { events, error } = await run(`
      console.log('a library says hello');
      console.log('{"type":"unheard of"}');
      console.log('{"type":"checkpoint","epoch":"two"}');
      console.log('null');
      process.disconnect();
    `);
    assert.equal(error, null);
    assert.deepEqual(toLogs(events), ['a library says hello', '{"type":"unheard of"}', '{"type":"checkpoint","epoch":"two"}', 'null']);
  });

  it('puts a line together that comes in pieces', async () => {
    const { events } = await run(`
      process.stdout.write('{"type":"checkpoint",');
      setImmediate(() => { process.stdout.write('"epoch":2,"bytes":10}'); process.disconnect(); });
    `);
    assert.deepEqual(events, [{ type: 'checkpoint', epoch: 2, bytes: 10 }]);
  });

  it('fails as the program says that it failed', async () => {
    const { error } = await run(`
      console.log(JSON.stringify({ type: 'failed', kind: 'too-few-samples', message: 'No fearful faces.' }));
      process.exitCode = 1;
      process.disconnect();
    `);
    assert.ok(isFailure(error, 'too-few-samples'));
    assert.equal(error.message, 'No fearful faces.');
  });

  it('counts an exit without a reason as an interruption, and repeats the last words', async () => {
    const { error } = await run(`for (let line = 1; line <= 9; line += 1) console.error('line ' + line); process.exitCode = 7; process.disconnect();`);
    assert.ok(isFailure(error, 'training-interrupted'));
    assert.equal(error.message, 'The training program ended with exit code 7. Its last words: line 5 / line 6 / line 7 / line 8 / line 9');
  });

  it('names the signal that killed the program', async () => {
    const { error } = await run(`process.kill(process.pid, 'SIGKILL');`);
    assert.ok(isFailure(error, 'training-interrupted'));
    assert.equal(error.message, 'The training program ended with signal SIGKILL.');
  });

  it('fails at once when the program can not be started', async () => {
    const compute = createLocalCompute({ command: [join(directory, 'nothing-here')], environment: {} });
    const running = compute.run({ runName: 'a-run' }, { onEvent: () => assert.fail('it said something'), signal: new AbortController().signal });
    await assert.rejects(running, (error) => {
      assert.ok(isFailure(error, 'training-interrupted'));
      assert.equal(error.message, 'The training program ended with no start (ENOENT).');
      return true;
    });
  });

  it('does not start the program when it is aborted before', async () => {
    const { events, error } = await run(`console.log('started');`, { signal: AbortSignal.abort(new Failure('not-found', 'Too late.')) });
    assert.ok(isFailure(error, 'not-found'));
    assert.deepEqual(events, []);
  });

  it('asks the program to end when aborted, waits until it has, and gives the reason of the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const { events, error } = await run(
      `
      process.on('SIGTERM', () => setTimeout(() => { console.log('cleaned up'); process.exit(0); }, 50));
      setInterval(() => {}, 1000);
      console.log('training');
      `,
      { signal: controller.signal, onEvent: () => { controller.abort(reason); } },
    );
    assert.equal(error, reason);
    assert.deepEqual(toLogs(events), ['training', 'cleaned up']);
  });

  it('kills a program that does not end when asked to', async () => {
    const controller = new AbortController();
    let pid = 0;
    const { events, error } = await run(
      `
      process.on('SIGTERM', () => console.log('no'));
      setInterval(() => {}, 1000);
      console.log(process.pid);
      `,
      {
        signal: controller.signal,
        gracePeriodMs: 300,
        onEvent(event) {
          if (pid === 0 && event.type === 'log') pid = Number(event.message);
          controller.abort();
        },
      },
    );
    assert.equal((error as Error).name, 'AbortError');
    assert.equal(toLogs(events).at(-1), 'no');
    assert.equal(isAlive(pid), false);
  });

  it('leaves no program behind when the process that started it is killed', async () => {
    const program = await writeProgram(`
      process.once('disconnect', () => process.exit(1));
      setInterval(() => {}, 1000);
      console.log(process.pid);
    `);
    const worker = await writeProgram(`
      import { createLocalCompute } from ${JSON.stringify(LOCAL_PROCESS)};
      const compute = createLocalCompute({ command: [process.execPath, ${JSON.stringify(program)}], environment: process.env });
      await compute.run({ runName: 'a-run' }, { onEvent: (event) => console.log(event.message), signal: new AbortController().signal });
    `);
    const parent = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', worker], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    const pid = Number(line);
    assert.ok(isAlive(pid));
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });
});
