import type { NetworkWeights } from './weights.ts';
import { copyWeights, isKernel, TRAINABLE_SIZE, TRAINABLE_SLOTS } from './weights.ts';

/** Everything that changes from step to step, so all that a checkpoint needs to go on. */
export interface TrainingState {
  /** Steps done. */
  step: number;
  readonly weights: NetworkWeights;
  /** The moving average of the weights, which is what is validated and kept: it is calmer and generalises better. */
  readonly average: NetworkWeights;
  /** Adam's moving averages of the gradient and of its square. */
  readonly gradient: Float32Array;
  readonly squaredGradient: Float32Array;
}

export interface StepOptions {
  readonly learningRate: number;
  /** Share of each kernel that is taken off in this step. */
  readonly weightDecay: number;
}

const GRADIENT_MEMORY = 0.9;
const SQUARED_GRADIENT_MEMORY = 0.999;
const EPSILON = 1e-7;
const STATISTICS_MEMORY = 0.9;
const AVERAGE_MEMORY = 0.995;

/** 1 where weight decay applies: on kernels. Scales, offsets and biases don't overfit, and decay would only distort them. */
const DECAYING = toDecayMask();

export function createTrainingState(weights: NetworkWeights): TrainingState {
  return {
    step: 0,
    weights,
    average: copyWeights(weights),
    gradient: new Float32Array(TRAINABLE_SIZE),
    squaredGradient: new Float32Array(TRAINABLE_SIZE),
  };
}

/**
 * One step of AdamW (Loshchilov and Hutter 2019) and of the moving averages, in place. As in that paper, decay is a share of
 * its own, not multiplied by the learning rate.
 *
 * One loop over plain numbers instead of tensors: tfjs would make a dozen small operations for each array of weights,
 * each of which passes over memory anew.
 */
export function takeStep(state: TrainingState, gradient: Float32Array, batchStatistics: Float32Array, options: StepOptions): void {
  state.step += 1;
  const { weights, average, gradient: first, squaredGradient: second } = state;
  const { trainable } = weights;
  const firstScale = 1 / (1 - GRADIENT_MEMORY ** state.step);
  const secondScale = 1 / (1 - SQUARED_GRADIENT_MEMORY ** state.step);
  const rate = options.learningRate;
  const averageMemory = toAverageMemory(state.step);
  for (let index = 0; index < trainable.length; index += 1) {
    const slope = gradient[index]!;
    const m = first[index]! + (1 - GRADIENT_MEMORY) * (slope - first[index]!);
    const v = second[index]! + (1 - SQUARED_GRADIENT_MEMORY) * (slope * slope - second[index]!);
    first[index] = m;
    second[index] = v;
    const change = (rate * firstScale * m) / (Math.sqrt(secondScale * v) + EPSILON);
    const value = trainable[index]! - change - options.weightDecay * DECAYING[index]! * trainable[index]!;
    trainable[index] = value;
    average.trainable[index] = value + averageMemory * (average.trainable[index]! - value);
  }
  follow(weights.statistics, batchStatistics, STATISTICS_MEMORY);
  follow(average.statistics, weights.statistics, averageMemory);
}

/** Short at first, so that the random start is soon forgotten. */
function toAverageMemory(step: number): number {
  return Math.min(AVERAGE_MEMORY, (1 + step) / (10 + step));
}

function follow(average: Float32Array, values: Float32Array, memory: number): void {
  for (let index = 0; index < average.length; index += 1) {
    average[index] = values[index]! + memory * (average[index]! - values[index]!);
  }
}

function toDecayMask(): Uint8Array {
  const mask = new Uint8Array(TRAINABLE_SIZE);
  for (const slot of TRAINABLE_SLOTS) if (isKernel(slot)) mask.fill(1, slot.offset, slot.offset + slot.size);
  return mask;
}
