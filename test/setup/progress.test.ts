import assert from 'node:assert/strict';
import { runSetup } from './separate-process.ts';

// Seconds pass in no time: only the clock and the interval of the module under test are replaced.
const FAST = `
  let now = 0; Date.now = () => now;
  const ticks = []; globalThis.setInterval = (tick) => void ticks.push(tick); globalThis.clearInterval = () => {};
  const pass = (seconds) => { for (let i = 0; i < seconds; i += 1) { now += 1_000; for (const tick of ticks) tick(); } };
  const { step, say } = await load('progress');`;

describe('progress', () => {
  it('without a terminal is a line at the start, at the end and every 30 seconds', async () => {
    const { stdout, stderr } = await runSetup(`${FAST} let count = 0; await step('building', async () => { pass(65); count = 7; pass(30); }, () => count + ' files');`, {});
    assert.equal(stdout, '');
    assert.deepEqual(stderr.trim().split('\n'), [
      'barometer: building',
      'barometer: still building, 30 s, 0 files',
      'barometer: still building, 60 s, 0 files',
      'barometer: still building, 90 s, 7 files',
      'barometer: building: done in 95 s',
    ]);
  });

  it('on a terminal is one line, redrawn, for all that goes on', async () => {
    const code = `process.stderr.isTTY = true; process.stderr.columns = 60; ${FAST}
      await Promise.all([step('one', async () => { await null; pass(2); }), step('two', async () => { await null; })]);`;
    const { stderr } = await runSetup(code, {});
    assert.ok(stderr.includes('\r\x1b[2Kbarometer: one, 1 s | two, 1 s\r\x1b[2Kbarometer: one, 2 s | two, 2 s'), stderr);
    const settled = stderr.split('\n').map((line) => line.split('\x1b[2K').at(-1));
    assert.deepEqual(settled, ['barometer: one: done in 2 s', 'barometer: two: done in 2 s', '']);
  });

  it('says that a step failed, and leaves the reason to its caller', async () => {
    const { code, stderr } = await runSetup(`${FAST} await step('fetching', async () => { pass(3); throw new Error('why'); });`, {});
    assert.equal(code, 1);
    assert.match(stderr, /^barometer: fetching\nbarometer: fetching: failed after 3 s\nError: why/);
  });
});
