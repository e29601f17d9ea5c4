import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-node';
import { normaliseBatch, relu } from './kernels.ts';
import { HIDDEN_LAYERS, NORMALISATION_EPSILON, STANDARDISATION_EPSILON } from './network.ts';
import { tf } from './runtime.ts';

/** Statistics of one hidden layer's normalisation, [channels] each. */
export interface Statistics {
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
}

export interface Hooks {
  /** Normalises a hidden layer's map, [N, H, W, C]; `layer` counts from 0. */
  readonly normalise: (x: Tensor4D, scale: Tensor1D, offset: Tensor1D, layer: number) => Tensor4D;
  /** Whether each image is looked at together with its mirror image. */
  readonly isMirrored: boolean;
  /** Drops some of the votes [N, C], or does nothing. */
  readonly dropOut: (votes: Tensor2D) => Tensor2D;
}

/**
 * The network as a function: from pixels [N, 48, 48, 1], 0..255, and its trainable tensors in the order of
 * TRAINABLE_SLOTS to logits [N, labels]. Training and use differ in the hooks only.
 */
export function toLogits(pixels: Tensor4D, trainable: readonly Tensor[], { normalise, isMirrored, dropOut }: Hooks): Tensor2D {
  const weights = trainable[Symbol.iterator]();
  const next = (): Tensor => weights.next().value!;
  const images = standardise(pixels);
  let x = isMirrored ? tf.concat([images, tf.reverse(images, 2)]) : images;
  for (const [index, layer] of HIDDEN_LAYERS.entries()) {
    x = tf.conv2d(x, next() as Tensor4D, 1, 'same');
    if (layer.isPooled) x = tf.maxPool(x, 2, 2, 'valid');
    x = relu(normalise(x, next() as Tensor1D, next() as Tensor1D, index));
  }
  const ofEach: Tensor2D = tf.mean(x, [1, 2]);
  const votes: Tensor2D = isMirrored ? tf.mean(tf.reshape(ofEach, [2, -1, ofEach.shape[1]]), 0) : ofEach;
  return tf.add(tf.matMul(dropOut(votes), next()), next());
}

/** The hooks of a network in use: running statistics, both sides seen, nothing dropped. */
export function toInferenceHooks(statistics: readonly Statistics[]): Hooks {
  return {
    normalise: (x, scale, offset, layer) =>
      tf.batchNorm(x, statistics[layer]!.mean, statistics[layer]!.variance, offset, scale, NORMALISATION_EPSILON),
    isMirrored: true,
    dropOut: (votes) => votes,
  };
}

/**
 * The hooks of a network in training: the batch's own statistics, which `onStatistics` sees, and votes dropped. Images are
 * mirrored at random instead of seen from both sides, at half the cost.
 */
export function toTrainingHooks(onStatistics: (mean: Float32Array, variance: Float32Array) => void, dropOut: Hooks['dropOut']): Hooks {
  return {
    normalise: (x, scale, offset) => {
      const { y, mean, variance } = normaliseBatch(x, scale, offset, NORMALISATION_EPSILON);
      onStatistics(mean, variance);
      return y;
    },
    isMirrored: false,
    dropOut,
  };
}

/** Every image to mean 0 and variance 1, so that neither the light nor the camera's contrast matters. */
function standardise(pixels: Tensor4D): Tensor4D {
  const { mean, variance } = tf.moments(pixels, [1, 2, 3], true);
  return tf.mul(tf.sub(pixels, mean), tf.rsqrt(tf.add(variance, STANDARDISATION_EPSILON)));
}
