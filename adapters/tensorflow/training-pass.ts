import { IMAGE_SIDE } from '../../domain/image-transform.ts';
import { openGraph } from './graph-session.ts';
import { OUTPUTS } from './network.ts';
import type { TrainingBatch } from './prepare-batch.ts';
import { toTrainingGraph, VOTES } from './training-graph.ts';
import type { NetworkWeights } from './weights.ts';
import { TRAINABLE_SIZE } from './weights.ts';

export interface PassResult {
  /** Mean cross-entropy. */
  readonly loss: number;
  /** Index of the likeliest label of each image. */
  readonly answers: Int32Array;
  /** Of the loss, laid out as the trainable weights. */
  readonly gradient: Float32Array;
  /** Of this batch, laid out as the running statistics. */
  readonly statistics: Float32Array;
}

export interface TrainingPass {
  /** Runs the network forwards and backwards once. Leaves no tensor behind. */
  run(batch: TrainingBatch, weights: NetworkWeights): PassResult;
  close(): void;
}

/** Gets TensorFlow ready for passes of batches of `size` images. Close it when training ends. */
export function openTrainingPass(size: number): TrainingPass {
  const graph = openGraph(toTrainingGraph(size), ['loss', 'answers', 'gradient', 'statistics']);
  return {
    run({ pixels, targets, keep }, { trainable }) {
      const { loss, answers, gradient, statistics } = graph.run({
        pixels: { values: pixels, shape: [size, IMAGE_SIDE, IMAGE_SIDE, 1] },
        targets: { values: targets, shape: [size, OUTPUTS] },
        keep: { values: keep, shape: [size, VOTES] },
        trainable: { values: trainable, shape: [TRAINABLE_SIZE] },
      });
      return {
        loss: loss[0]!,
        answers: answers as Int32Array,
        gradient: gradient as Float32Array,
        statistics: statistics as Float32Array,
      };
    },
    close: () => graph.close(),
  };
}
