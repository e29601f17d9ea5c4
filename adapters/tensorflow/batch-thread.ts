/** The thread in which training batches are prepared, while TensorFlow computes in the thread that starts it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Batch } from './batches.ts';
import type { Preparation, TrainingBatch } from './prepare-batch.ts';
import { prepareBatch } from './prepare-batch.ts';
import { createRandom } from '../../domain/random.ts';

export interface BatchThreadData extends Omit<Preparation, 'isMixed'> {
  readonly seed: number;
  /** Images are blended up to this epoch. */
  readonly mixedEpochs: number;
}

/** A batch to prepare. Answered in the order of asking, each with a {@link TrainingBatch}. */
export interface BatchQuestion extends Batch {
  readonly epoch: number;
  /** Counts from 1 in each epoch. */
  readonly number: number;
}

const port = parentPort!;
const { seed, mixedEpochs, ...preparation } = workerData as BatchThreadData;

port.on('message', ({ epoch, number, ...batch }: BatchQuestion) => {
  const prepared: TrainingBatch = prepareBatch(batch, { ...preparation, isMixed: epoch <= mixedEpochs }, createRandom(seed, 'batch', epoch, number));
  port.postMessage(prepared, [prepared.pixels.buffer, prepared.targets.buffer, prepared.keep.buffer]);
});
