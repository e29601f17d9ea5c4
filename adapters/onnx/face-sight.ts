import type { FaceSight } from '../../domain/landmarks.ts';
import { openFaceDetector } from './face-detector.ts';
import { openLandmarkFinder } from './landmark-finder.ts';
import type { Inference, InferenceOptions } from './start-inference.ts';
import { openAlone } from './start-inference.ts';

/**
 * Loads what finds faces and what tells how they stand into the thread that they share with others.
 *
 * @throws Failure `data-corrupt` when the weights of one of them are missing or are not what they should be
 */
export async function openFaceSight(inference: Inference): Promise<FaceSight> {
  const [detector, landmarks] = await Promise.all([openFaceDetector(inference), openLandmarkFinder(inference)]);
  return { detector, landmarks };
}

/** Does so in a thread of their own, which ends when they are closed. */
export function loadFaceSight(options?: Pick<InferenceOptions, 'processors'>): Promise<FaceSight & { close(): Promise<void> }> {
  return openAlone(openFaceSight, options);
}
