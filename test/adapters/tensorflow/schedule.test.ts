import assert from 'node:assert/strict';
import { toLearningRate, toMixedEpochs } from '../../../adapters/tensorflow/schedule.ts';

describe('the learning rate', () => {
  const rates = Array.from({ length: 1000 }, (_, step) => toLearningRate(step, 1000, 0.01));

  it('climbs to the peak in the first tenth and falls to nearly nothing', () => {
    const peak = rates.indexOf(Math.max(...rates));
    assert.equal(peak, 99);
    assert.equal(rates[peak], 0.01);
    assert.ok(rates[0]! < 0.001 && rates.at(-1)! < 1e-6);
  });

  it('never jumps, and is never negative', () => {
    for (const [step, rate] of rates.entries()) {
      assert.ok(rate >= 0);
      if (step > 0) assert.ok(Math.abs(rate - rates[step - 1]!) <= 0.0001 + 1e-9);
    }
  });

  it('is a number for the shortest trainings too', () => {
    for (const steps of [1, 2, 3]) for (let step = 0; step < steps; step += 1) assert.ok(toLearningRate(step, steps, 1) >= 0);
  });
});

describe('blending', () => {
  it('ends with two thirds of the epochs, however few there are', () => {
    assert.deepEqual([1, 2, 3, 45, 60].map(toMixedEpochs), [1, 1, 2, 30, 40]);
  });
});
