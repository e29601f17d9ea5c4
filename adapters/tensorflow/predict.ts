import type { Tensor4D } from '@tensorflow/tfjs-node';
import { IMAGE_PIXELS, IMAGE_SIDE } from '../../domain/image-transform.ts';
import { toInferenceHooks, toLogits } from './forward.ts';
import { tf } from './runtime.ts';
import { toStatistics, toTensors } from './tensors.ts';
import type { NetworkWeights } from './weights.ts';
import { TRAINABLE_SLOTS } from './weights.ts';

/**
 * What the trained network answers, computed by TensorFlow.
 *
 * @param pixels image after image, 2304 grey bytes each
 * @returns image after image, one probability per label
 */
export function predict(weights: NetworkWeights, pixels: Uint8Array): Float32Array {
  return tf.tidy(() => {
    const images: Tensor4D = tf.tensor4d(Float32Array.from(pixels), [pixels.length / IMAGE_PIXELS, IMAGE_SIDE, IMAGE_SIDE, 1]);
    const hooks = toInferenceHooks(toStatistics(weights.statistics));
    const logits = toLogits(images, toTensors(weights.trainable, TRAINABLE_SLOTS), hooks);
    return tf.softmax(logits).dataSync<'float32'>();
  });
}
