import assert from 'node:assert/strict';
import type { Verified } from '../../domain/certainty.ts';
import { certaintySchema, chooseCertainty, LEAST_ANSWERS } from '../../domain/certainty.ts';

/** So many answers with this confidence, so many of them right. */
function repeat(count: number, confidence: number, right: number): Verified[] {
  return Array.from({ length: count }, (_, index) => ({ confidence, isRight: index < right }));
}

describe('the threshold of certainty', () => {
  it('is the lowest at which answers are right as often as is asked for', () => {
    const answers = [...repeat(30, 0.95, 28), ...repeat(30, 0.7, 20), ...repeat(40, 0.4, 16)];
    const chosen = chooseCertainty(answers, 0.8);
    assert.deepEqual(chosen, { precision: 0.8, uncertainBelow: (0.7 + 0.4) / 2, isReached: true, images: 100, named: 60, right: 48 });
    assert.deepEqual(certaintySchema.parse(chosen), chosen);
  });

  it('does not depend on the order of the answers', () => {
    const answers = [...repeat(30, 0.95, 28), ...repeat(30, 0.7, 20), ...repeat(40, 0.4, 16)];
    assert.deepEqual(chooseCertainty(answers.toReversed(), 0.8), chooseCertainty(answers, 0.8));
  });

  it('is 0 where all answers together are right often enough', () => {
    const { uncertainBelow, named, isReached } = chooseCertainty(repeat(100, 0.85, 85), 0.8);
    assert.deepEqual([uncertainBelow, named, isReached], [0, 100, true]);
  });

  it('is where precision is highest when what is asked for can not be had, and says so', () => {
    const { uncertainBelow, named, right, isReached } = chooseCertainty([...repeat(30, 0.9, 21), ...repeat(70, 0.5, 30)], 0.8);
    assert.ok(Math.abs(uncertainBelow - 0.7) < 1e-9);
    assert.deepEqual([named, right, isReached], [30, 21, false]);
  });

  it('is not chosen by a few lucky answers', () => {
    const lucky = [...repeat(LEAST_ANSWERS - 1, 0.95, LEAST_ANSWERS - 1), ...repeat(21, 0.6, 1)];
    const { named, isReached } = chooseCertainty(lucky, 0.9);
    assert.deepEqual([named, isReached], [LEAST_ANSWERS - 1 + 21, false]);
  });

  it('is not reached by answers that are right more often than their confidence promises', () => {
    const { named, isReached } = chooseCertainty([...repeat(30, 0.75, 27), ...repeat(30, 0.5, 10)], 0.8);
    assert.deepEqual([named, isReached], [30, false]);
  });

  it('is none with too few images to choose by', () => {
    const { uncertainBelow, named, right, isReached } = chooseCertainty(repeat(LEAST_ANSWERS - 1, 0.9, 3), 0.8);
    assert.deepEqual([uncertainBelow, named, right, isReached], [0, LEAST_ANSWERS - 1, 3, false]);
    assert.equal(chooseCertainty([], 0.8).uncertainBelow, 0);
  });

  it('names all where nothing is asked for', () => {
    assert.equal(chooseCertainty(repeat(50, 0.3, 0), 0).uncertainBelow, 0);
  });
});
