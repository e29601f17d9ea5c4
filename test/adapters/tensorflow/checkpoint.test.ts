import assert from 'node:assert/strict';
import type { Checkpoint } from '../../../adapters/tensorflow/checkpoint.ts';
import { restoreCheckpoint, serialiseCheckpoint } from '../../../adapters/tensorflow/checkpoint.ts';
import { createTrainingState } from '../../../adapters/tensorflow/optimiser.ts';
import { createRandom } from '../../../domain/random.ts';
import { createWeights } from '../../../adapters/tensorflow/weights.ts';

function createCheckpoint(): Checkpoint {
  const state = createTrainingState(createWeights(createRandom(1)));
  state.step = 12;
  state.gradient.fill(0.25);
  state.squaredGradient.fill(0.5);
  return {
    history: [
      { epoch: 1, epochs: 9, loss: 1.25, accuracy: 0.5, validationLoss: 1.5, validationAccuracy: 0.4, learningRate: 0.001, seconds: 3, imagesPerSecond: 400 },
    ],
    stopping: { bestEpoch: 1, lowestLoss: 1.5, lowestLossError: 0.1, clearEpoch: 1, clearLoss: 1.5 },
    state,
    best: createWeights(createRandom(2)),
  };
}

describe('a checkpoint', () => {
  it('comes back from its bytes as it was', () => {
    const checkpoint = createCheckpoint();
    assert.deepEqual(restoreCheckpoint(serialiseCheckpoint(checkpoint, 'this'), 'this'), checkpoint);
  });

  it('comes back from bytes that lie anywhere in memory', () => {
    const bytes = serialiseCheckpoint(createCheckpoint(), 'this');
    const shifted = new Uint8Array(bytes.byteLength + 1);
    shifted.set(bytes, 1);
    assert.deepEqual(restoreCheckpoint(shifted.subarray(1), 'this'), createCheckpoint());
  });

  it('is not taken for that of another training', () => {
    assert.equal(restoreCheckpoint(serialiseCheckpoint(createCheckpoint(), 'that'), 'this'), null);
  });

  it('is not taken when it was cut short or is something else', () => {
    const bytes = serialiseCheckpoint(createCheckpoint(), 'this');
    assert.equal(restoreCheckpoint(bytes.subarray(0, -1), 'this'), null);
    assert.equal(restoreCheckpoint(new Uint8Array(4), 'this'), null);
    assert.equal(restoreCheckpoint(new Uint8Array(4000), 'this'), null);
  });

  it('is not taken when its header is damaged, or written by code that noted other things', () => {
    const bytes = Buffer.from(serialiseCheckpoint(createCheckpoint(), 'this'));
    const damage = (from: string, to: string): Uint8Array => {
      const damaged = Buffer.from(bytes);
      damaged.write(to, damaged.indexOf(from));
      return damaged;
    };
    assert.equal(restoreCheckpoint(damage('{"fingerprint"', '['), 'this'), null);
    assert.equal(restoreCheckpoint(damage('"clearLoss"', '"otherLoss"'), 'this'), null);
  });
});
