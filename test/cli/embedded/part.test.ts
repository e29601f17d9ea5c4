import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'mocha';
import type { Part } from '../../../cli/embedded/part.ts';
import { startPart, waitUntilReady } from '../../../cli/embedded/part.ts';
import { isFailure } from '../../../domain/failure.ts';
import { until } from '../../support/until.ts';

describe('a part of the embedded stack', () => {
  let directory: string;
  let logFile: string;
  const started: Part[] = [];

  beforeEach('make room for its log', async () => {
    directory = await mkdtemp(join(tmpdir(), 'barometer-part-'));
    logFile = join(directory, 'part.log');
  });

  afterEach('end what a test started', async () => {
    for (const part of started.splice(0)) await part.stop();
    await rm(directory, { recursive: true });
  });

  function start(source: string): Part {
    const part = startPart({ name: 'Oracle', args: ['--input-type=module', '--eval', source], environment: { ...process.env, TOLD: 'by its environment' }, logFile });
    started.push(part);
    return part;
  }

  const readLog = () => readFile(logFile, 'utf8');

  it('writes both of its outputs to its log, after what is there', async () => {
    await writeFile(logFile, 'of an earlier start\n');
    const part = start(`console.log(process.env.TOLD); console.error('and complains'); process.disconnect();`);
    assert.equal(await part.ended, 'ended with exit code 0');
    assert.equal(await readLog(), 'of an earlier start\nby its environment\nand complains\n');
  });

  it('is ready as soon as a check says so', async () => {
    let checks = 0;
    const part = start(`setInterval(() => {}, 1000);`);
    await waitUntilReady(part, 30_000, async () => {
      checks += 1;
      if (checks < 3) throw new Error('not yet');
    });
    assert.equal(checks, 3);
  });

  it('that dies early is told with the end of its log', async () => {
    const part = start(`for (let line = 1; line <= 20; line += 1) console.log('line ' + line); process.exit(3);`);
    const { message } = await failureOf(waitUntilReady(part, 30_000, () => Promise.reject(new Error('not yet'))));
    const lines = message.split('\n');
    assert.equal(lines[0], `Oracle: ended with exit code 3. The end of its log, ${logFile}:`);
    assert.deepEqual(lines.slice(1), Array.from({ length: 15 }, (_, index) => `    line ${index + 6}`));
  });

  it('that dies without a word is not told with the words of an earlier start', async () => {
    await writeFile(logFile, 'an old complaint\n');
    const part = start(`process.kill(process.pid, 'SIGKILL');`);
    const { message } = await failureOf(waitUntilReady(part, 30_000, () => Promise.reject(new Error('not yet'))));
    assert.equal(message, `Oracle: ended by SIGKILL. It has written nothing to its log, ${logFile}.`);
  });

  it('that is not ready in time is told with the end of its log', async () => {
    const part = start(`console.log('thinking'); setInterval(() => {}, 1000);`);
    await until(async () => (await readLog()).includes('thinking'));
    const { message } = await failureOf(waitUntilReady(part, 300, () => Promise.reject(new Error('not yet'))));
    assert.match(message, /^Oracle: not ready after 0\.3 s\. The end of its log, .*:\n {4}thinking$/);
  });

  it('is asked to end, and waited for', async () => {
    const part = start(`process.on('SIGTERM', () => setTimeout(() => { console.log('goodbye'); process.exit(0); }, 50)); setInterval(() => {}, 1000); console.log('ready');`);
    await until(async () => (await readLog()).includes('ready'));
    await part.stop();
    assert.equal(await part.ended, 'ended with exit code 0');
    assert.match(await readLog(), /goodbye/);
  });

  it('may be stopped when it has ended already', async () => {
    const part = start(`process.exit(0);`);
    await part.ended;
    await part.stop();
  });

  it('hears when the process that started it is gone', async () => {
    const part = start(`console.log(process.connected); process.disconnect();`);
    await part.ended;
    assert.match(await readLog(), /true/);
  });
});

async function failureOf(promise: Promise<unknown>) {
  const error = await promise.then(() => null, (reason: unknown) => reason);
  assert.ok(isFailure(error, 'dependency-unavailable'));
  return error;
}
