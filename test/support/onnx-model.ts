import { encodeOnnx } from '../../adapters/tensorflow/onnx-schema.ts';
import type { Emotion } from '../../domain/emotion.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import { IMAGE_PIXELS, IMAGE_SIDE } from '../../domain/image-transform.ts';

/** A real network of one layer, whose answers depend on the image and lean towards one emotion. */
export function toOnnxModel(favourite: Emotion): Uint8Array {
  const kernel = Float32Array.from({ length: IMAGE_PIXELS * EMOTIONS.length }, (_, index) => Math.sin(index) * 2e-5);
  const bias = Float32Array.from(EMOTIONS, (emotion) => (emotion === favourite ? 2 : 0));
  return encodeOnnx(
    {
      name: 'one layer',
      nodes: [
        { opType: 'Flatten', name: 'flat', input: ['pixels'], output: ['flat'], attributes: { axis: 1 } },
        { opType: 'Gemm', name: 'dense', input: ['flat', 'kernel', 'bias'], output: ['dense'], attributes: {} },
        { opType: 'Softmax', name: 'softmax', input: ['dense'], output: ['probabilities'], attributes: { axis: -1 } },
      ],
      constants: [
        { name: 'kernel', dims: [IMAGE_PIXELS, EMOTIONS.length], values: kernel },
        { name: 'bias', dims: [EMOTIONS.length], values: bias },
      ],
      input: { name: 'pixels', dims: ['N', IMAGE_SIDE, IMAGE_SIDE, 1] },
      output: { name: 'probabilities', dims: ['N', EMOTIONS.length] },
    },
    {},
  );
}
