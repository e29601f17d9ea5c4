import type { Tensor } from '@tensorflow/tfjs-node';
import type { Statistics } from './forward.ts';
import { tf } from './runtime.ts';
import type { Slot } from './weights.ts';
import { STATISTICS_SLOTS, toView } from './weights.ts';

/** A vector's slots as tensors of their shapes. Call it inside a tidy. */
export function toTensors(vector: Float32Array, slots: readonly Slot[]): Tensor[] {
  return slots.map((slot) => tf.tensor(toView(vector, slot), [...slot.shape]));
}

/** The running statistics, one pair for each hidden layer. Call it inside a tidy. */
export function toStatistics(vector: Float32Array): Statistics[] {
  const tensors = toTensors(vector, STATISTICS_SLOTS);
  return Array.from({ length: tensors.length / 2 }, (_, layer) => ({
    mean: tensors[2 * layer] as Statistics['mean'],
    variance: tensors[2 * layer + 1] as Statistics['variance'],
  }));
}
