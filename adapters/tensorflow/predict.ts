import type { Tensor4D } from '@tensorflow/tfjs-node';
import { IMAGE_PIXELS, IMAGE_SIDE } from '../../domain/image-transform.ts';
import { toLogits } from './forward.ts';
import { tf } from './runtime.ts';
import { toStatistics, toTensors } from './tensors.ts';
import type { View } from './views.ts';
import { VIEWS } from './views.ts';
import type { NetworkWeights } from './weights.ts';
import { TRAINABLE_SLOTS } from './weights.ts';

/**
 * What the trained network answers, computed by TensorFlow.
 *
 * @param pixels image after image, 2304 grey bytes each
 * @param views all that a network in use takes, unless the answer may be a little worse and shall come sooner
 * @returns image after image, one probability per label
 */
export function predict(weights: NetworkWeights, pixels: Uint8Array, views: readonly View[] = VIEWS): Float32Array {
  return tf.tidy(() => {
    const images: Tensor4D = tf.tensor4d(Float32Array.from(pixels), [pixels.length / IMAGE_PIXELS, IMAGE_SIDE, IMAGE_SIDE, 1]);
    const logits = toLogits(images, toTensors(weights.trainable, TRAINABLE_SLOTS), { statistics: toStatistics(weights.statistics), views });
    return tf.softmax(logits).dataSync<'float32'>();
  });
}
