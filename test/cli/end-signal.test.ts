import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach } from 'mocha';
import { until } from '../support/until.ts';

const END_SIGNAL = new URL('../../cli/end-signal.ts', import.meta.url).href;

describe('the end signal', () => {
  const started: ChildProcess[] = [];

  afterEach('end what a test started', () => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });

  /** A process that makes the signal, says so, says when it is aborted, and goes on for ever. */
  function start(before = '') {
    const source = `
      ${before}
      const { aborted } = await import('node:util');
      const { createEndSignal } = await import(${JSON.stringify(END_SIGNAL)});
      const signal = createEndSignal();
      setInterval(() => {}, 1000);
      console.log('ready');
      await aborted(signal, signal);
      console.log('aborted');
    `;
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', source], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    started.push(child);
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    return { child, next: async () => (await lines.next()).value };
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`is aborted by ${signal}`, async () => {
      const { child, next } = start();
      assert.equal(await next(), 'ready');
      child.kill(signal);
      assert.equal(await next(), 'aborted');
    });
  }

  it('is aborted when the parent is gone', async () => {
    const { child, next } = start();
    assert.equal(await next(), 'ready');
    child.disconnect();
    assert.equal(await next(), 'aborted');
  });

  it('is aborted when the parent is gone before anybody listened', async () => {
    const { child, next } = start(`while (process.connected) await new Promise((resolve) => setImmediate(resolve));`);
    child.disconnect();
    assert.equal(await next(), 'ready');
    assert.equal(await next(), 'aborted');
  });

  it('ends the process at the second ctrl-C', async () => {
    const { child, next } = start();
    assert.equal(await next(), 'ready');
    child.kill('SIGINT');
    assert.equal(await next(), 'aborted');
    child.kill('SIGINT');
    assert.deepEqual(await once(child, 'exit'), [130, null]);
  });

  it('ends the process at a second SIGTERM, unless that is the first one, passed on', async () => {
    const { child, next } = start();
    assert.equal(await next(), 'ready');
    child.kill('SIGTERM');
    assert.equal(await next(), 'aborted');
    child.kill('SIGTERM');
    const askedAt = performance.now();
    await until(() => child.exitCode !== null || !child.kill('SIGTERM'));
    assert.equal(child.exitCode, 130);
    assert.ok(performance.now() - askedAt > 300, 'the first of them were taken for the one before');
  });
});
