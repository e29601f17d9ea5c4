import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Batch } from './batches.ts';
import type { BatchQuestion, BatchThreadData } from './batch-thread.ts';
import type { TrainingBatch } from './prepare-batch.ts';

/** A batch that is ready for its step. */
export interface PreparedBatch extends TrainingBatch {
  /** The images' own labels, as in {@link Batch}. */
  readonly labels: Uint8Array;
}

export interface BatchPreparation {
  /**
   * An epoch's batches, ready for their steps and in their order. While one is used the next ones are being prepared. What
   * is drawn depends on seed, epoch and number of the batch alone.
   *
   * @param batches their pixels are taken over: nobody else may use them afterwards
   */
  prepare(batches: AsyncIterable<Batch>, epoch: number): AsyncGenerator<PreparedBatch>;
  close(): Promise<void>;
}

/** Enough that a step finds its batch ready after the thread was held up for a while; 2 MB in all. */
const BATCHES_AHEAD = 3;

/** Starts a thread that prepares batches. If it dies, which nothing that it is asked should bring about, the process ends. */
export function startBatchPreparation(data: BatchThreadData): BatchPreparation {
  // Not with the options that this process was started with: some, such as --input-type, are for its entry alone.
  const execArgv = ['--disable-warning=ExperimentalWarning'];
  const worker = new Worker(new URL('batch-thread.ts', import.meta.url), { execArgv, workerData: data });
  // Answers come in the order of the questions.
  const waiting: PromiseWithResolvers<TrainingBatch>[] = [];
  worker.on('message', (prepared: TrainingBatch) => waiting.shift()?.resolve(prepared));

  async function ask({ pixels, labels }: Batch, epoch: number, number: number): Promise<PreparedBatch> {
    const asked = Promise.withResolvers<TrainingBatch>();
    waiting.push(asked);
    worker.postMessage({ pixels, labels, epoch, number } satisfies BatchQuestion, [pixels.buffer as ArrayBuffer]);
    return { ...(await asked.promise), labels };
  }

  return {
    async *prepare(batches, epoch) {
      const ahead: Promise<PreparedBatch>[] = [];
      let number = 0;
      for await (const batch of batches) {
        ahead.push(ask(batch, epoch, (number += 1)));
        if (ahead.length > BATCHES_AHEAD) yield await ahead.shift()!;
      }
      for (const prepared of ahead) yield await prepared;
    },
    async close() {
      const ended = once(worker, 'exit');
      await worker.terminate();
      await ended;
    },
  };
}
