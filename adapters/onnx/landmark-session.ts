import './no-telemetry.ts';
import { Tensor } from 'onnxruntime-node';
import { LANDMARK_NETWORK } from './face-tensors.ts';
import { openSession } from './open-session.ts';

export interface LandmarkSession {
  /** As a LandmarkFinder does. A run keeps the thread that asks for it busy until it is over. */
  find(faces: readonly Uint8Array[]): Promise<Float32Array[]>;
}

/**
 * Opens the network of face landmarks, as `toLandmarkNetwork` writes it.
 *
 * @throws Failure `data-corrupt` when it is no network that can be run
 */
export async function openLandmarkSession(onnx: Uint8Array): Promise<LandmarkSession> {
  const { input, points, side } = LANDMARK_NETWORK;
  // A face is a millisecond's work: more threads would only be woken for it.
  const session = await openSession(onnx, 1);

  async function run(face: Uint8Array): Promise<Float32Array> {
    const outputs = await session.run({ [input]: new Tensor('uint8', face, [1, side, side, 3]) });
    return outputs[points]!.data as Float32Array;
  }

  // The first run allocates; nobody's request should wait for that.
  await run(new Uint8Array(side * side * 3));
  return {
    async find(faces) {
      // One by one: several in a run take as long, and eight megabytes more for each.
      const found: Float32Array[] = [];
      for (const face of faces) found.push(await run(face));
      return found;
    },
  };
}
