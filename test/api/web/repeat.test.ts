import assert from 'node:assert/strict';
import { repeat } from '../../../api/web/page/repeat.ts';

describe('taking turn after turn', () => {
  /** Turns that take these milliseconds, and want these before the next one; tells when each began. */
  async function takeTurns(turns: readonly { takesMs: number; restMs?: number }[], periodMs: number): Promise<number[]> {
    const controller = new AbortController();
    const begun: number[] = [];
    let clock = 0;
    await repeat(
      async () => {
        begun.push(clock);
        const { takesMs, restMs = 0 } = turns[begun.length - 1]!;
        clock += takesMs;
        if (begun.length === turns.length) controller.abort();
        return restMs;
      },
      {
        periodMs: () => periodMs,
        signal: controller.signal,
        now: () => clock,
        wait: async (ms) => {
          clock += Math.max(0, ms);
        },
      },
    );
    return begun;
  }

  it('counts the period from beginning to beginning', async () => {
    assert.deepEqual(await takeTurns([{ takesMs: 300 }, { takesMs: 900 }, { takesMs: 10 }], 1_000), [0, 1_000, 2_000]);
  });

  it('begins at once after a turn that took longer than the period', async () => {
    assert.deepEqual(await takeTurns([{ takesMs: 4_000 }, { takesMs: 10 }, { takesMs: 10 }], 1_000), [0, 4_000, 5_000]);
  });

  it('rests for as long as a turn says', async () => {
    assert.deepEqual(await takeTurns([{ takesMs: 100, restMs: 20_000 }, { takesMs: 100 }], 1_000), [0, 20_100]);
  });

  it('takes no turn once it was called off', async () => {
    await repeat(() => assert.fail('a turn was taken'), { periodMs: () => 0, signal: AbortSignal.abort() });
  });
});
