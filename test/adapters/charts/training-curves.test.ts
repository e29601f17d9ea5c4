import assert from 'node:assert/strict';
import sharp from 'sharp';
import { drawTrainingCurves } from '../../../adapters/charts/training-curves.ts';
import type { EpochMetrics } from '../../../domain/training.ts';

function toHistory(losses: readonly number[]): EpochMetrics[] {
  return losses.map((validationLoss, index) => ({
    epoch: index + 1,
    epochs: losses.length,
    loss: 1 / (index + 1),
    accuracy: 0.5,
    validationLoss,
    validationAccuracy: 0.25 + index / 10,
    learningRate: 0.001,
    seconds: 1,
    imagesPerSecond: 400,
  }));
}

describe('training curves', () => {
  for (const [name, history] of Object.entries({ 'no epoch': [], 'one epoch': toHistory([1]), 'many epochs': toHistory([3, 1, 2]) })) {
    it(`are a picture that stands alone, of ${name}`, async () => {
      const svg = drawTrainingCurves(history, history.length);
      assert.match(svg, /^<svg/);
      assert.doesNotMatch(svg, /<script|<link|<image|@import/);
      assert.equal((await sharp(Buffer.from(svg)).metadata()).width, 960);
    });
  }

  it('say which epoch was the best, as the training has judged it', () => {
    assert.match(drawTrainingCurves(toHistory([3, 1, 2]), 2), /best epoch 2 of 3: 35\.0 %/);
    assert.match(drawTrainingCurves(toHistory([3, 1, 1.1]), 3), /best epoch 3 of 3: 45\.0 %/);
    const unfinished = drawTrainingCurves(toHistory([3, 1]), null);
    assert.match(unfinished, /2 of 2 epochs/);
    assert.doesNotMatch(unfinished, /best epoch/);
  });
});
