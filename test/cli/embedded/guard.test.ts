import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'mocha';
import { isAlive } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

const GUARD = fileURLToPath(new URL('../../../cli/embedded/guard.ts', import.meta.url));
const NODE = [process.execPath, '--disable-warning=ExperimentalWarning'] as const;

describe('the guard', () => {
  const started: ChildProcess[] = [];

  afterEach('end what a test started', () => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });

  /** Guards a node program with this source. */
  function guard(source: string) {
    const child = spawn(NODE[0], [NODE[1], GUARD, process.execPath, '--eval', source], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    started.push(child);
    return child;
  }

  /** A program that says its process id and goes on for ever. */
  const ENDLESS = `console.log(process.pid); setInterval(() => {}, 1000);`;

  async function readPid(child: ChildProcess): Promise<number> {
    const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
    return Number(line);
  }

  it('has the outputs and the exit code of its program', async () => {
    const child = guard(`console.log('out'); console.error('err'); process.exit(7);`);
    const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')]);
    assert.deepEqual([stdout, stderr, child.exitCode], ['out\n', 'err\n', 7]);
  });

  it('says when there is no such program', async () => {
    const child = spawn(NODE[0], [NODE[1], GUARD, '/nothing/here'], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const [stderr] = await Promise.all([text(child.stderr!), once(child, 'close')]);
    assert.match(stderr, /\/nothing\/here/);
    assert.equal(child.exitCode, 1);
  });

  it('ends its program when it is asked to end', async () => {
    const child = guard(ENDLESS);
    const pid = await readPid(child);
    child.kill('SIGTERM');
    await once(child, 'close');
    assert.equal(isAlive(pid), false);
  });

  it('leaves ctrl-C to its parent', async () => {
    const child = guard(`process.on('SIGUSR2', () => process.exit(5)); ${ENDLESS}`);
    const pid = await readPid(child);
    child.kill('SIGINT');
    process.kill(pid, 'SIGUSR2');
    assert.deepEqual(await once(child, 'close'), [5, null]);
  });

  it('ends its program when its parent lets go of it', async () => {
    const child = guard(ENDLESS);
    const pid = await readPid(child);
    child.disconnect();
    await once(child, 'exit');
    assert.equal(isAlive(pid), false);
  });

  it('ends its program and itself when its parent is killed', async () => {
    const source = `
      const { spawn } = require('node:child_process');
      const guard = spawn(process.execPath, ${JSON.stringify([NODE[1], GUARD, process.execPath, '--eval', ENDLESS])}, { detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      guard.once('spawn', () => console.log(guard.pid));
      setInterval(() => {}, 1000);
    `;
    const parent = spawn(process.execPath, ['--eval', source], { stdio: ['ignore', 'pipe', 'inherit'] });
    started.push(parent);
    const lines = createInterface({ input: parent.stdout })[Symbol.asyncIterator]();
    const pids = [Number((await lines.next()).value), Number((await lines.next()).value)];
    assert.deepEqual(pids.map(isAlive), [true, true]);
    parent.kill('SIGKILL');
    await until(() => !pids.some(isAlive));
  });
});
