import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-node';
import { createBatches } from '../../../adapters/tensorflow/batches.ts';
import type { CheckpointStore } from '../../../adapters/tensorflow/checkpoint.ts';
import { tf } from '../../../adapters/tensorflow/runtime.ts';
import type { TrainedNetwork, TrainingRequest } from '../../../adapters/tensorflow/train.ts';
import { trainNetwork } from '../../../adapters/tensorflow/train.ts';
import { validate } from '../../../adapters/tensorflow/validate.ts';
import { isFailure } from '../../../domain/failure.ts';
import type { EpochMetrics, Hyperparameters, TrainingEvent } from '../../../domain/training.ts';
import { hyperparametersSchema } from '../../../domain/training.ts';
import { drawFaces, toSource } from './drawn-faces.ts';

const train = toSource(drawFaces(12));
const validation = toSource(drawFaces(3, 100));

function createMemory(): CheckpointStore & { bytes: Uint8Array | null } {
  return {
    intervalMs: 0,
    bytes: null,
    async save(bytes) {
      this.bytes = bytes;
    },
    async load() {
      return this.bytes;
    },
  };
}

type Changes = Omit<Partial<TrainingRequest>, 'hyperparameters'> & { hyperparameters?: Partial<Hyperparameters> };

function run({ hyperparameters, ...changes }: Changes = {}): Promise<TrainedNetwork> {
  return trainNetwork({
    hyperparameters: hyperparametersSchema.parse({ epochs: 2, batchSize: 16, ...hyperparameters }),
    train,
    validation,
    checkpoints: createMemory(),
    signal: new AbortController().signal,
    ...changes,
  });
}

const withoutTimes = (history: readonly EpochMetrics[]) => history.map(({ seconds: _, imagesPerSecond: __, dataWait: ___, ...metrics }) => metrics);

describe('training', () => {
  it('gives the same network for the same seed, and another for another', async () => {
    const [first, second, other] = [await run(), await run(), await run({ hyperparameters: { seed: 2 } })];
    assert.deepEqual(withoutTimes(second.history), withoutTimes(first.history));
    assert.deepEqual(second.weights, first.weights);
    assert.notDeepEqual(withoutTimes(other.history), withoutTimes(first.history));
  });

  it('goes on from a checkpoint as if it had never stopped', async () => {
    const whole = await run();
    const checkpoints = createMemory();
    const controller = new AbortController();
    const stopAtCheckpoint = ({ type }: TrainingEvent): void => {
      if (type === 'checkpoint') controller.abort(new Error('the machine is gone'));
    };
    await assert.rejects(run({ checkpoints, onEvent: stopAtCheckpoint, signal: controller.signal }), /the machine is gone/);

    const resumed = await run({ checkpoints });
    assert.equal(resumed.resumedFromEpoch, 1);
    assert.deepEqual(withoutTimes(resumed.history), withoutTimes(whole.history));
    assert.deepEqual(resumed.weights, whole.weights);
  });

  it('does not train again when everything but the result was written', async () => {
    const checkpoints = createMemory();
    const first = await run({ checkpoints });
    const again = await run({ checkpoints });
    assert.equal(again.resumedFromEpoch, 2);
    assert.deepEqual(again.weights, first.weights);
  });

  it("starts anew, and says so, when the checkpoint is another training's", async () => {
    const checkpoints = createMemory();
    await run({ checkpoints, hyperparameters: { epochs: 1 } });
    const messages: string[] = [];
    const { resumedFromEpoch } = await run({
      checkpoints,
      hyperparameters: { epochs: 1, seed: 9 },
      onEvent: (event) => {
        if (event.type === 'log') messages.push(event.message);
      },
    });
    assert.equal(resumedFromEpoch, 0);
    assert.equal(messages.length, 1);
  });

  it('leaves no tensors behind', async () => {
    const before = tf.memory().numTensors;
    const counts: number[] = [];
    await run({
      onEvent: ({ type }) => {
        if (type === 'epoch') counts.push(tf.memory().numTensors);
      },
    });
    assert.deepEqual(counts, [before, before]);
  });

  it('calls tensors that are left behind a defect', async () => {
    const leaked: Tensor[] = [];
    const leak = ({ type }: TrainingEvent): void => {
      if (type === 'batch') leaked.push(tf.scalar(1));
    };
    await assert.rejects(run({ onEvent: leak }), /left 3 tensors behind by the end of epoch 1/);
    tf.dispose(leaked);
  });

  it('tells how long steps waited for their batches, and how many tensors there are', async () => {
    const { history } = await run();
    for (const { dataWait, tensors } of history) {
      assert.ok(dataWait! > 0 && dataWait! < 1, `${dataWait}`);
      assert.equal(tensors, tf.memory().numTensors);
    }
  });

  it('stops when validation gets no better, and keeps the best weights', async () => {
    // Every face is called something else than in training: what is learned there only does harm here.
    const wrong = toSource(drawFaces(3, 100).map(({ label, pixels }) => ({ label: label === 'happy' ? 'sad' as const : 'happy' as const, pixels })));
    const { history, stoppedEarly, bestEpoch, weights } = await run({
      validation: wrong,
      hyperparameters: { epochs: 60, patience: 2 },
    });
    assert.equal(stoppedEarly, true);
    assert.ok(bestEpoch >= 1 && history.length < 60);
    const losses = history.map(({ validationLoss }) => validationLoss);
    const classWeights = Float32Array.of(1, 1, 1, 1);
    const { loss } = await validate(weights, createBatches(wrong, { batchSize: 16 }), classWeights, new AbortController().signal);
    assert.equal(loss.mean, losses[bestEpoch - 1]);
    assert.ok(loss.mean <= Math.min(...losses) + loss.error, `${loss.mean} is clearly more than the lowest loss`);
  });

  it('ends with the batch in which it is aborted', async () => {
    const controller = new AbortController();
    let later = 0;
    const training = run({
      hyperparameters: { epochs: 1000 },
      signal: controller.signal,
      onEvent: (event) => {
        if (controller.signal.aborted) later += 1;
        else if (event.type === 'batch') setImmediate(() => { controller.abort(new Error('no longer wanted')); });
      },
    });
    await assert.rejects(training, /no longer wanted/);
    assert.ok(later <= 1, `${later} more batches, epochs or checkpoints`);
  });

  it('trains on labels of different frequency', async () => {
    const { history } = await run({ train: toSource(drawFaces({ happy: 20, sad: 5, angry: 9, fearful: 0 })), hyperparameters: { epochs: 1 } });
    assert.ok(Number.isFinite(history[0]!.loss));
  });

  it('refuses to train on nothing', async () => {
    await assert.rejects(run({ train: toSource([]) }), (error) => isFailure(error, 'too-few-samples'));
    await assert.rejects(run({ validation: toSource([]) }), (error) => isFailure(error, 'too-few-samples'));
  });

  it('gives up when the loss is not a number any more', async () => {
    await assert.rejects(run({ hyperparameters: { learningRate: 1e30 } }), (error) => isFailure(error, 'training-failed'));
  });
});
