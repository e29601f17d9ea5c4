import assert from 'node:assert/strict';
import { toGoldenDifference } from '../../domain/golden.ts';

describe('the difference from a golden prediction', () => {
  const expected = { happy: 0.7, sad: 0.1, angry: 0.1, fearful: 0.1 };

  it('is nothing between equal answers', () => {
    assert.equal(toGoldenDifference(expected, { ...expected }), 0);
  });

  it('is the largest in any label, in either direction', () => {
    assert.ok(Math.abs(toGoldenDifference(expected, { happy: 0.5, sad: 0.15, angry: 0.1, fearful: 0.25 }) - 0.2) < 1e-9);
  });
});
