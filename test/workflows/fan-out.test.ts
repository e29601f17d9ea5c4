import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fanOut } from '../../workflows/fan-out.ts';

describe('fanning out', () => {
  it('returns the results in the order of the items, whatever order they end in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(fc.integer(), { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), async (scheduler, items, limit) => {
        const results = fanOut(items, limit, scheduler.scheduleFunction(async (item) => item * 2));
        await scheduler.waitFor(results);
        assert.deepEqual(await results, items.map((item) => item * 2));
      }),
    );
  });

  it('keeps as many under way as it may, and never more', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 5 }), async (scheduler, count, limit) => {
        let running = 0;
        let most = 0;
        const end = scheduler.scheduleFunction(async () => undefined);
        const all = fanOut(Array.from({ length: count }), limit, async () => {
          running += 1;
          most = Math.max(most, running);
          await end();
          running -= 1;
        });
        await scheduler.waitFor(all);
        assert.equal(most, Math.min(limit, count));
      }),
    );
  });

  it('throws the first rejection, and begins nothing new after it', async () => {
    const begun: number[] = [];
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const failed = fanOut([0, 1, 2, 3, 4], 2, async (item) => {
      begun.push(item);
      if (item === 1) throw new Error('the second one fails');
      await held;
    });
    await assert.rejects(failed, /the second one fails/);
    release();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(begun, [0, 1]);
  });

  it('has nothing to do for no items', async () => {
    assert.deepEqual(await fanOut([], 3, () => assert.fail('there is nothing to work on')), []);
  });
});
