import assert from 'node:assert/strict';
import { askCommand, runCommand } from '../../../adapters/containers/engine-command.ts';
import { isFailure } from '../../../domain/failure.ts';
import { isAlive } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

const never = new AbortController().signal;
const environment = process.env;

describe('the command of an engine', () => {
  async function run(script: string, options: { signal?: AbortSignal; gracePeriodMs?: number; onLine?: (line: string) => void } = {}) {
    const lines: string[] = [];
    const onLine = (line: string) => {
      lines.push(line);
      options.onLine?.(line);
    };
    const error = await runCommand(['sh', '-c', script], { environment, signal: never, ...options, onLine }).then(() => null, (reason: unknown) => reason);
    return { lines, error };
  }

  it('is followed line by line, on both of its outputs', async () => {
    const { lines, error } = await run('echo one; echo two >&2; printf three');
    assert.equal(error, null);
    assert.deepEqual(lines.sort(), ['one', 'three', 'two']);
  });

  it('is written down without colours', async () => {
    const { lines } = await run(`printf '\\033[33m1 warning\\033[0m\\n'`);
    assert.deepEqual(lines, ['1 warning']);
  });

  it('fails with what it was and how it ended', async () => {
    const { error } = await run('exit 3');
    assert.ok(isFailure(error, 'image-build-failed'));
    assert.equal(error.message, 'sh -c ended with exit code 3.');
  });

  it('fails when it can not be started', async () => {
    const running = runCommand(['no-such-engine', 'build'], { environment, signal: never, onLine: () => assert.fail('it spoke') });
    await assert.rejects(running, (error) => isFailure(error, 'image-build-failed') && error.message === 'no-such-engine build ended with no start (ENOENT).');
  });

  it('is not started when it is aborted before', async () => {
    const { lines, error } = await run('echo started', { signal: AbortSignal.abort(new Error('too late')) });
    assert.equal((error as Error).message, 'too late');
    assert.deepEqual(lines, []);
  });

  it('is asked to end with all that it has started when aborted, and waited for', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const { lines, error } = await run(
      `trap 'sleep 0.2; echo cleaned up; exit 1' TERM
       sh -c 'echo $$; exec sleep 100' &
       wait; wait`,
      { signal: controller.signal, onLine: () => { controller.abort(reason); } },
    );
    assert.equal(error, reason);
    const [child, last] = lines;
    assert.equal(last, 'cleaned up');
    await until(() => !isAlive(Number(child)));
  });

  it('is killed with all that it has started when it does not end', async () => {
    const controller = new AbortController();
    const { lines, error } = await run(`trap '' TERM; sh -c 'trap "" TERM; echo $$; while :; do sleep 0.1; done' & wait`, {
      signal: controller.signal,
      gracePeriodMs: 200,
      onLine: () => { controller.abort(); },
    });
    assert.equal((error as Error).name, 'AbortError');
    await until(() => !isAlive(Number(lines[0])));
  });

  it('ends although somebody who left its group holds its output open', async () => {
    const controller = new AbortController();
    const { lines, error } = await run(`trap '' TERM; setsid sh -c 'echo $$; exec sleep 100' & wait; sleep 100`, {
      signal: controller.signal,
      gracePeriodMs: 200,
      onLine: () => { controller.abort(); },
    });
    assert.equal((error as Error).name, 'AbortError');
    process.kill(Number(lines[0]), 'SIGKILL');
  });

  it('answers a question, or not', async () => {
    assert.equal(await askCommand(['echo', 'yes'], environment), 'yes\n');
    assert.equal(await askCommand(['sh', '-c', 'echo no; exit 1'], environment), null);
    assert.equal(await askCommand(['no-such-engine'], environment), null);
  });
});
