import './no-telemetry.ts';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { Failure } from '../../domain/failure.ts';
import type { GreyPixels } from '../../domain/image-transform.ts';

/** A network that tells expressions, without what its numbers mean. */
export interface NetworkSession {
  /** So many numbers for each image as the network has labels, one image after the other. */
  run(images: readonly GreyPixels[]): Promise<Float32Array>;
  release(): Promise<void>;
}

export interface NetworkSessionOptions {
  /** Of the images, in pixels. */
  readonly side: number;
  readonly threads: number;
}

const INPUT = 'pixels';
const OUTPUT = 'probabilities';

/**
 * Loads a network in the ONNX format: input `pixels`, float32 [N, side, side, 1], grey 0 to 255 (the network standardises by itself); output
 * `probabilities`, float32 [N, labels]. It has answered once when this resolves: the first answer takes longer. It computes in the
 * thread that asks, and keeps that busy.
 *
 * @throws Failure `data-corrupt` when the bytes are no such network
 */
export async function openNetworkSession(bytes: Uint8Array, { side, threads }: NetworkSessionOptions): Promise<NetworkSession> {
  const session = await createSession(bytes, threads);

  async function run(images: readonly GreyPixels[]): Promise<Float32Array> {
    const pixels = new Float32Array(images.length * side * side);
    for (const [index, image] of images.entries()) pixels.set(image, index * side * side);
    const outputs = await session.run({ [INPUT]: new Tensor('float32', pixels, [images.length, side, side, 1]) });
    return outputs[OUTPUT]!.data as Float32Array;
  }

  await run([new Uint8Array(side * side)]).catch(async (cause: unknown) => {
    await session.release();
    throw new Failure('data-corrupt', 'The model is an ONNX network of another shape than this service can ask.', { cause });
  });

  return { run, release: () => session.release() };
}

async function createSession(bytes: Uint8Array, threads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // Threads that are done sleep at once instead of burning a processor that others need.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      graphOptimizationLevel: 'all',
      // Errors only: its warnings are about graph optimisations.
      logSeverityLevel: 3,
    });
  } catch (cause) {
    throw new Failure('data-corrupt', 'The model is no ONNX network that can be read.', { cause });
  }
}
