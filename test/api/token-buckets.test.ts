import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createTokenBuckets } from '../../api/token-buckets.ts';

describe('token buckets', () => {
  it('let a burst through, then as much as flows in', () => {
    const buckets = createTokenBuckets(60);
    for (let left = 59; left >= 0; left -= 1) assert.deepEqual(buckets.take('a', { now: 0 }).remaining, left);
    const refused = buckets.take('a', { now: 0 });
    assert.deepEqual([refused.isAllowed, refused.retryMs, refused.fullMs], [false, 1_000, 60_000]);
    assert.equal(buckets.take('a', { now: 999 }).isAllowed, false);
    assert.equal(buckets.take('a', { now: 1_001 }).isAllowed, true);
    assert.equal(buckets.take('a', { now: 1_002 }).isAllowed, false);
  });

  it('give several tokens at once, or none, and say when they would', () => {
    const buckets = createTokenBuckets(60);
    assert.equal(buckets.take('a', { now: 0, tokens: 50 }).remaining, 10);
    const refused = buckets.take('a', { now: 0, tokens: 16 });
    assert.deepEqual([refused.isAllowed, refused.remaining, refused.retryMs], [false, 10, 6_000]);
    assert.equal(buckets.take('a', { now: 6_001, tokens: 16 }).isAllowed, true);
    assert.equal(buckets.take('b', { now: 0, tokens: 1_000 }).isAllowed, true, 'a full bucket is enough for anything');
  });

  it('are one for each caller', () => {
    const buckets = createTokenBuckets(1);
    assert.deepEqual(['a', 'a', 'b'].map((who) => buckets.take(who, { now: 0 }).isAllowed), [true, false, true]);
  });

  it('never hold more than a minute\'s worth, and never let more through than that and what has flown in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 300 }), (perMinute, pauses) => {
        const buckets = createTokenBuckets(perMinute);
        let now = 0;
        let allowed = 0;
        for (const pause of pauses) {
          now += pause;
          const { isAllowed, remaining } = buckets.take('a', { now });
          if (isAllowed) allowed += 1;
          assert.ok(remaining >= 0 && remaining < perMinute);
        }
        assert.ok(allowed <= perMinute * (1 + now / 60_000) + 1e-6);
      }),
    );
  });

  it('forget who was silent longest when there are too many callers, and nobody who was not', () => {
    const buckets = createTokenBuckets(1);
    buckets.take('first', { now: 0 });
    buckets.take('second', { now: 0 });
    for (let index = 0; index < 9_998; index += 1) buckets.take(`other ${index}`, { now: 0 });
    assert.equal(buckets.take('first', { now: 0 }).isAllowed, false);
    buckets.take('one more', { now: 0 });
    assert.equal(buckets.take('second', { now: 0 }).isAllowed, true);
    assert.equal(buckets.take('first', { now: 0 }).isAllowed, false);
  });
});
