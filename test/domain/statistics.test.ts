import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toWilsonInterval } from '../../domain/statistics.ts';

const outcomes = fc.integer({ min: 1, max: 100_000 }).chain((trials) => fc.record({ trials: fc.constant(trials), successes: fc.integer({ min: 0, max: trials }) }));

describe('the Wilson interval', () => {
  // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
  const PUBLISHED = [
    { successes: 81, trials: 263, lower: 0.2553, upper: 0.3662 },
    { successes: 15, trials: 148, lower: 0.0624, upper: 0.1605 },
    { successes: 0, trials: 20, lower: 0, upper: 0.1611 },
    { successes: 1, trials: 29, lower: 0.0061, upper: 0.1718 },
  ];

  for (const { successes, trials, lower, upper } of PUBLISHED) {
    it(`of ${successes} in ${trials} is the published one`, () => {
      const interval = toWilsonInterval(successes, trials);
      assert.equal(interval.lower.toFixed(4), lower.toFixed(4));
      assert.equal(interval.upper.toFixed(4), upper.toFixed(4));
    });
  }

  it('of no trials is everything', () => {
    assert.deepEqual(toWilsonInterval(0, 0), { lower: 0, upper: 1 });
  });

  it('stays inside 0 to 1 and holds the share', () => {
    fc.assert(fc.property(outcomes, ({ successes, trials }) => {
      const { lower, upper } = toWilsonInterval(successes, trials);
      const share = successes / trials;
      assert.ok(lower >= 0 && upper <= 1);
      assert.ok(lower <= share + 1e-12 && share <= upper + 1e-12);
    }));
  });

  it('of failures is that of successes, mirrored', () => {
    fc.assert(fc.property(outcomes, ({ successes, trials }) => {
      const interval = toWilsonInterval(successes, trials);
      const mirrored = toWilsonInterval(trials - successes, trials);
      assert.ok(Math.abs(interval.lower - (1 - mirrored.upper)) < 1e-9);
    }));
  });

  it('is narrower with more trials of the same share', () => {
    fc.assert(fc.property(outcomes, fc.integer({ min: 2, max: 50 }), ({ successes, trials }, times) => {
      const few = toWilsonInterval(successes, trials);
      const many = toWilsonInterval(successes * times, trials * times);
      assert.ok(many.upper - many.lower < few.upper - few.lower);
    }));
  });
});
