import type { EpochMetrics } from '../../domain/training.ts';
import { tf } from './runtime.ts';

/** Writes what TensorBoard draws. */
export interface TensorBoard {
  write(metrics: EpochMetrics): void;
  /** Nothing is written afterwards. */
  close(): void;
}

/**
 * Appends TensorBoard event files to a directory, which is made if need be: one scalar curve for each number of an epoch,
 * training and validation of the same thing in one chart. Each epoch is on disk when the call returns.
 */
export function createTensorBoard(directory: string): TensorBoard {
  const writer = tf.node.summaryFileWriter(directory);
  return {
    write({ epoch, loss, accuracy, validationLoss, validationAccuracy, learningRate, imagesPerSecond }) {
      const scalars = {
        'loss/training': loss,
        'loss/validation': validationLoss,
        'accuracy/training': accuracy,
        'accuracy/validation': validationAccuracy,
        'learning-rate': learningRate,
        'images-per-second': imagesPerSecond,
      };
      for (const [name, value] of Object.entries(scalars)) writer.scalar(name, value, epoch);
      writer.flush();
    },
    close: () => { writer.flush(); },
  };
}
