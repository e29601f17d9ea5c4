import assert from 'node:assert/strict';
import type { Verified } from '../../domain/certainty.ts';
import { confidenceSchema, measureConfidence } from '../../domain/confidence.ts';
import { createRandom } from '../../domain/random.ts';

const ALL = { uncertainBelow: 0 };

function repeat(count: number, confidence: number, right: number): Verified[] {
  return Array.from({ length: count }, (_, index) => ({ confidence, isRight: index < right }));
}

/** Answers whose confidence is right up to a constant. */
function draw(count: number, excess: number): Verified[] {
  const random = createRandom(1, 'answers');
  return Array.from({ length: count }, () => {
    const chance = random.uniform(0.3, 0.9);
    return { confidence: chance + excess, isRight: random.uniform(0, 1) < chance };
  });
}

describe('the calibration error', () => {
  it('is by how much confidence and accuracy differ, on average over groups of equally many', () => {
    // Fifteen groups of ten: five are 0.2 too sure, ten are as sure as they should be.
    const answers = [...repeat(50, 0.5, 0).map((each, index) => ({ ...each, isRight: index % 10 < 3 })), ...repeat(100, 0.8, 0).map((each, index) => ({ ...each, isRight: index % 10 < 8 }))];
    const { calibrationError, bins } = measureConfidence(answers, ALL);
    assert.equal(bins.length, 15);
    assert.ok(bins.every(({ images }) => images === 10));
    assert.ok(Math.abs(calibrationError - 0.2 / 3) < 1e-9, `${calibrationError}`);
  });

  it('of answers that are exactly as sure as they should be is what chance makes', () => {
    const { calibrationError, errorByChance } = measureConfidence(draw(3000, 0), ALL);
    assert.ok(errorByChance > 0.01 && errorByChance < 0.04, `${errorByChance}`);
    assert.ok(Math.abs(calibrationError - errorByChance) < errorByChance / 2, `${calibrationError}, ${errorByChance}`);
  });

  it('shows answers that are too sure', () => {
    const { calibrationError, errorByChance } = measureConfidence(draw(3000, 0.1), ALL);
    assert.ok(Math.abs(calibrationError - 0.1) < 0.02, `${calibrationError}`);
    assert.ok(calibrationError > 3 * errorByChance);
  });

  it('counts every image once, in groups from the least to the most confident', () => {
    const { bins } = measureConfidence(draw(101, 0), ALL);
    assert.equal(bins.reduce((sum, { images }) => sum + images, 0), 101);
    assert.ok(bins.every(({ images }) => images === 6 || images === 7));
    assert.deepEqual(bins.map(({ confidence }) => confidence), bins.map(({ confidence }) => confidence).toSorted((a, b) => a - b));
  });

  it('is measured of few answers, and of none', () => {
    assert.equal(measureConfidence(repeat(3, 1, 3), ALL).bins.length, 3);
    const nothing = measureConfidence([], ALL);
    assert.deepEqual(nothing, confidenceSchema.parse(nothing));
    assert.deepEqual([nothing.calibrationError, nothing.bins.length, nothing.named.images], [0, 0, 0]);
  });
});

describe('the answers that name an expression', () => {
  it('are those at the threshold or above', () => {
    const { named } = measureConfidence([...repeat(10, 0.7, 9), ...repeat(10, 0.6, 8), ...repeat(10, 0.5, 1)], { uncertainBelow: 0.6 });
    assert.deepEqual([named.images, named.right], [20, 17]);
    assert.ok(named.precisionInterval.lower < 0.85 && named.precisionInterval.upper > 0.85);
  });
});
