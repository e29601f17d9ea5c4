import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-node';
import { normaliseInput } from './input.ts';
import { HIDDEN_LAYERS, NORMALISATION_EPSILON } from './network.ts';
import { tf } from './runtime.ts';
import type { View } from './views.ts';

/** Statistics of one hidden layer's normalisation, [channels] each. */
export interface Statistics {
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
}

export interface InUse {
  readonly statistics: readonly Statistics[];
  /** The looks at each image whose votes are averaged. */
  readonly views: readonly View[];
}

/**
 * The network in use as a function: from pixels [N, 48, 48, 1], 0..255, and its trainable tensors in the order of
 * TRAINABLE_SLOTS to logits [N, labels]. In training it is `training-graph.ts`.
 */
export function toLogits(pixels: Tensor4D, trainable: readonly Tensor[], { statistics, views }: InUse): Tensor2D {
  const weights = trainable[Symbol.iterator]();
  const next = (): Tensor => weights.next().value!;
  const images = normaliseInput(pixels);
  let x: Tensor4D = tf.concat(views.map((view) => (view === 'mirrored' ? tf.reverse(images, 2) : images)));
  for (const [index, layer] of HIDDEN_LAYERS.entries()) {
    x = tf.conv2d(x, next() as Tensor4D, 1, 'same');
    if (layer.isPooled) x = tf.maxPool(x, 2, 2, 'valid');
    const [scale, offset] = [next() as Tensor1D, next() as Tensor1D];
    const { mean, variance } = statistics[index]!;
    x = tf.relu(tf.batchNorm(x, mean, variance, offset, scale, NORMALISATION_EPSILON));
  }
  const ofEach: Tensor2D = tf.mean(x, [1, 2]);
  const votes: Tensor2D = tf.mean(tf.reshape(ofEach, [views.length, -1, ofEach.shape[1]]), 0);
  return tf.add(tf.matMul(votes, next()), next());
}
