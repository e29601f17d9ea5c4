import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-node';
import { IMAGE_SIDE } from '../../domain/image-transform.ts';
import { toLogits, toTrainingHooks } from './forward.ts';
import { DROPOUT } from './network.ts';
import type { Random } from './random.ts';
import { tf } from './runtime.ts';
import { toTensors } from './tensors.ts';
import type { NetworkWeights, Slot } from './weights.ts';
import { STATISTICS_SIZE, STATISTICS_SLOTS, toView, TRAINABLE_SIZE, TRAINABLE_SLOTS } from './weights.ts';

export interface TrainingBatch {
  /** Image after image, 2304 numbers each, 0 to 255. */
  readonly pixels: Float32Array;
  /** What the network should answer: for each image one probability per label, times the image's weight in the loss. */
  readonly targets: Float32Array;
  readonly size: number;
}

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

/** Runs the network forwards and backwards once. Leaves no tensor behind. */
export function runTrainingPass({ pixels, targets, size }: TrainingBatch, weights: NetworkWeights, random: Random): PassResult {
  // Handed out by assignment: tfjs looks through whatever a tidy returns, number by number, for tensors.
  let result: PassResult | undefined;
  tf.tidy(() => {
    const images: Tensor4D = tf.tensor4d(pixels, [size, IMAGE_SIDE, IMAGE_SIDE, 1]);
    const wanted = tf.tensor2d(targets, [size, targets.length / size]);
    const statistics: Float32Array[] = [];
    let answers: Int32Array | undefined;
    const hooks = toTrainingHooks(
      (mean, variance) => statistics.push(mean, variance),
      (x) => dropOut(x, random),
    );
    // What is wanted besides the loss is read in here: the gradient's own scope frees all that it computed.
    const toLoss = (...trainable: Tensor[]): Scalar => {
      const logits = toLogits(images, trainable, hooks);
      answers = tf.argMax(logits, 1).dataSync<'int32'>();
      return tf.neg(tf.div(tf.sum(tf.mul(wanted, tf.logSoftmax(logits))), size));
    };
    const { value, grads } = tf.valueAndGrads(toLoss)(toTensors(weights.trainable, TRAINABLE_SLOTS));
    result = {
      loss: toNumbers(value)[0]!,
      answers: answers!,
      gradient: toVector(grads.map(toNumbers), TRAINABLE_SLOTS, TRAINABLE_SIZE),
      statistics: toVector(statistics, STATISTICS_SLOTS, STATISTICS_SIZE),
    };
  });
  return result!;
}

/** Inverted dropout: what stays is scaled up, so that the network in use needs no correction. */
function dropOut(x: Tensor2D, random: Random): Tensor2D {
  const mask = new Float32Array(x.size);
  for (let index = 0; index < mask.length; index += 1) mask[index] = random.uniform(0, 1) < DROPOUT ? 0 : 1 / (1 - DROPOUT);
  return tf.mul(x, tf.tensor2d(mask, x.shape));
}

function toNumbers(tensor: Tensor): Float32Array {
  return tensor.dataSync<'float32'>();
}

function toVector(arrays: readonly Float32Array[], slots: readonly Slot[], size: number): Float32Array {
  const vector = new Float32Array(size);
  for (const [index, slot] of slots.entries()) toView(vector, slot).set(arrays[index]!);
  return vector;
}
