import assert from 'node:assert/strict';
import type { BatchPreparation, PreparedBatch } from '../../../adapters/tensorflow/batch-preparation.ts';
import { startBatchPreparation } from '../../../adapters/tensorflow/batch-preparation.ts';
import type { Batch } from '../../../adapters/tensorflow/batches.ts';
import { createBatches } from '../../../adapters/tensorflow/batches.ts';
import { prepareBatch } from '../../../adapters/tensorflow/prepare-batch.ts';
import { createRandom } from '../../../domain/random.ts';
import { drawFaces, toSource } from './drawn-faces.ts';

const seed = 7;
const mixedEpochs = 2;
const preparationOf = { classWeights: Float32Array.of(1, 2, 1, 1), labelSmoothing: 0.1 };
const { signal } = new AbortController();
const batches = createBatches(toSource(drawFaces(15)), { batchSize: 8 });
const shuffled = (): AsyncGenerator<Batch> => batches.shuffled(createRandom('order'), signal);

describe('the preparation of batches', () => {
  let preparation: BatchPreparation;

  beforeEach(() => {
    preparation = startBatchPreparation({ ...preparationOf, seed, mixedEpochs });
  });

  afterEach(() => preparation.close());

  async function prepareHere(epoch: number, isMixed: boolean): Promise<PreparedBatch[]> {
    const prepared: PreparedBatch[] = [];
    for await (const batch of shuffled()) {
      const random = createRandom(seed, 'batch', epoch, prepared.length + 1);
      prepared.push({ ...prepareBatch(batch, { ...preparationOf, isMixed }, random), labels: batch.labels });
    }
    return prepared;
  }

  it('gives every batch in its order, as this thread would prepare it', async () => {
    const expected = await prepareHere(mixedEpochs, true);
    assert.equal(expected.length, 7);
    assert.deepEqual(await Array.fromAsync(preparation.prepare(shuffled(), mixedEpochs)), expected);
  });

  it('blends no images in the last epochs', async () => {
    const [first, ...others] = await Array.fromAsync(preparation.prepare(shuffled(), mixedEpochs + 1));
    assert.deepEqual([first, ...others], await prepareHere(mixedEpochs + 1, false));
    const { labelSmoothing, classWeights } = preparationOf;
    const [label] = first!.labels;
    const wanted = [0, 1, 2, 3].map((each) => Math.fround(classWeights[label!]! * (labelSmoothing / 4 + (each === label ? 1 - labelSmoothing : 0))));
    assert.deepEqual([...first!.targets.subarray(0, 4)], wanted);
  });

  it('draws anew in another epoch', async () => {
    const [first, second] = [await preparation.prepare(shuffled(), 1).next(), await preparation.prepare(shuffled(), 2).next()];
    assert.notDeepEqual(first.value, second.value);
  });

  it('reads a few batches ahead, and no more', async () => {
    let read = 0;
    async function* counted(): AsyncGenerator<Batch> {
      for await (const batch of shuffled()) {
        read += 1;
        yield batch;
      }
    }
    const prepared = preparation.prepare(counted(), 1);
    await prepared.next();
    assert.equal(read, 4);
    await prepared.next();
    assert.equal(read, 5);
    await prepared.return(undefined);
  });

  it('passes on what goes wrong with the reading', async () => {
    async function* broken(): AsyncGenerator<Batch> {
      yield* shuffled();
      throw new Error('the disk is gone');
    }
    await assert.rejects(Array.fromAsync(preparation.prepare(broken(), 1)), /the disk is gone/);
  });
});
