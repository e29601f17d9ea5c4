import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-node';
import { IMAGE_SIDE } from '../../domain/image-transform.ts';
import type { Matrix } from './matrix.ts';
import { tf } from './runtime.ts';

/**
 * What happens to pixels before the first layer sees them. None of it is learned; all of it travels in every exported
 * file, so that no caller can do it otherwise.
 *
 * First the whole image gets mean 0 and variance 1. Then its local contrast is evened out: each pixel less the average
 * around it, divided by how much the pixels around it depart from that (divisive normalisation, as in Jarrett et al.
 * 2009). A face half in the shade then looks like one in even light, and a network need not learn that from examples.
 */

/**
 * Added to the variance of an image's pixels (0..255) before it is standardised: one grey level squared, so that a blank
 * image becomes zeros and not amplified noise.
 */
export const STANDARDISATION_EPSILON = 1;

/** How far around a pixel "around it" reaches, in pixels: the deviation of a Gaussian, a third of the way from eye to eye. */
const NEIGHBOURHOOD = 6;

/** The Gaussian ends here. */
const REACH = Math.ceil(2.5 * NEIGHBOURHOOD);

/** Local contrasts much below this, in deviations of the whole image, stay low instead of being amplified: smooth skin. */
export const CONTRAST_FLOOR = 0.2;

/**
 * A matrix B such that B * image * B' is the average around each pixel; near the edge, over what of the neighbourhood lies
 * within the image. Row after row; each sums up to 1.
 */
export function toAveraging(): Matrix {
  const matrix = new Float32Array(IMAGE_SIDE ** 2);
  for (let row = 0; row < IMAGE_SIDE; row += 1) {
    const line = matrix.subarray(row * IMAGE_SIDE, (row + 1) * IMAGE_SIDE);
    for (let place = Math.max(0, row - REACH); place <= Math.min(IMAGE_SIDE - 1, row + REACH); place += 1) {
      line[place] = Math.exp(-((place - row) ** 2) / (2 * NEIGHBOURHOOD ** 2));
    }
    const sum = line.reduce((total, share) => total + share, 0);
    line.forEach((share, place) => (line[place] = share / sum));
  }
  return matrix;
}

/** Pixels 0..255, [N, 48, 48, 1], as the first layer sees them. */
export function normaliseInput(pixels: Tensor4D): Tensor4D {
  const { mean, variance } = tf.moments(pixels, [1, 2, 3], true);
  const images: Tensor4D = tf.mul(tf.sub(pixels, mean), tf.rsqrt(tf.add(variance, STANDARDISATION_EPSILON)));
  const averaging = tf.tensor2d(toAveraging(), [IMAGE_SIDE, IMAGE_SIDE]);
  const detail: Tensor4D = tf.sub(images, averageAround(images, averaging));
  const contrast = averageAround(tf.abs(detail), averaging);
  return tf.mul(detail, tf.rsqrt(tf.add(tf.square(contrast), CONTRAST_FLOOR ** 2)));
}

function averageAround(images: Tensor4D, averaging: Tensor2D): Tensor4D {
  return multiply(averaging, images, tf.transpose(averaging));
}

/** rows * image * columns for each image, [N, 48, 48, 1]. */
function multiply(rows: Tensor2D, images: Tensor4D, columns: Tensor2D): Tensor4D {
  const lines = tf.matMul(tf.reshape(images, [-1, IMAGE_SIDE]), columns);
  return tf.reshape(tf.matMul(rows, tf.reshape(lines, [-1, IMAGE_SIDE, IMAGE_SIDE])), images.shape);
}
