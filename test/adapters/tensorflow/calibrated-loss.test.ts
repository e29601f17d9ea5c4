import assert from 'node:assert/strict';
import { toCalibratedLoss } from '../../../adapters/tensorflow/calibrated-loss.ts';

const classWeights = Float32Array.of(1, 1, 1, 1);

/** Answers label 0 with this probability, and is right three times in four. */
const answer = (confidence: number) => ({
  probabilities: Float32Array.from(Array.from({ length: 4 }, () => [confidence, 1 - confidence, 0, 0]).flat()),
  labels: Uint8Array.of(0, 0, 0, 1),
  classWeights,
});

const entropy = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25));

describe('the calibrated loss', () => {
  it('is the plain cross-entropy of answers that are as sure as they should be', () => {
    assert.ok(Math.abs(toCalibratedLoss(answer(0.75)).mean - entropy) < 0.01);
  });

  it('does not mind answers that are too sure, or not sure enough', () => {
    assert.ok(Math.abs(toCalibratedLoss(answer(0.95)).mean - entropy) < 0.03);
    assert.ok(Math.abs(toCalibratedLoss(answer(0.6)).mean - entropy) < 0.03);
  });

  it('is lower for answers that are right more often', () => {
    assert.ok(toCalibratedLoss({ ...answer(0.75), labels: Uint8Array.of(0, 0, 0, 0) }).mean < 0.1);
    assert.ok(toCalibratedLoss({ ...answer(0.75), labels: Uint8Array.of(0, 0, 1, 1) }).mean > 0.6);
  });

  it('counts labels by their weight', () => {
    const once = { ...answer(0.75), labels: Uint8Array.of(0, 1, 1, 1) };
    const balanced = { ...once, classWeights: Float32Array.of(3, 1, 1, 1) };
    assert.ok(toCalibratedLoss(balanced).mean < toCalibratedLoss(once).mean);
  });

  it('tells how far another such set of images would be off: half as far with four times as many', () => {
    const { error, mean } = toCalibratedLoss(answer(0.75));
    const [right, wrong] = [-Math.log(0.75), -Math.log(0.25)];
    assert.ok(Math.abs(error - Math.sqrt(3 * (right - mean) ** 2 + (wrong - mean) ** 2) / 4) < 0.02, `${error}`);
    const { probabilities, labels } = answer(0.75);
    const four = { probabilities: Float32Array.from([0, 1, 2, 3].flatMap(() => [...probabilities])), labels: Uint8Array.from([0, 1, 2, 3].flatMap(() => [...labels])), classWeights };
    assert.ok(Math.abs(toCalibratedLoss(four).error - error / 2) < 1e-6);
  });

  it('is finite however sure and wrong the answers are', () => {
    assert.ok(Number.isFinite(toCalibratedLoss({ ...answer(1), labels: Uint8Array.of(3, 3, 3, 3) }).mean));
  });
});
