import type { Box, DetectedFace, Size } from './face.ts';
import { toFaceSquare } from './face.ts';

/** Why it can't be told which face the label of a photo is about: none was found, or several that stand out alike. */
export const SUBJECT_REFUSALS = ['no-face', 'several-faces'] as const;
export type SubjectRefusal = (typeof SUBJECT_REFUSALS)[number];

/** The face that the label of a photo is about: a square of it, all of it, or why there is none. */
export type Subject =
  | { readonly kind: 'face'; readonly square: Box }
  | { readonly kind: 'whole-image' }
  | { readonly kind: 'refused'; readonly reason: SubjectRefusal };

/**
 * An image whose shorter side is at most this long, in pixels, is taken for a face that is cut out already, whatever a detector
 * sees in it: sets of such faces are 48 pixels a side, and a scene of this size would show nobody well enough to learn from.
 */
const LARGEST_CUT_OUT_SIDE = 64;

/** So many times as high as any other face is the one that a photo is about: the others stand behind it. */
const STANDS_OUT = 1.5;

/** Whether an image is a cut-out face by its size alone. */
export function isCutOut({ width, height }: Size): boolean {
  return Math.min(width, height) <= LARGEST_CUT_OUT_SIDE;
}

/** Chooses the face that the label of a photo is about among all that were found on it. Guesses nothing: a label on the wrong face teaches the opposite. */
export function toSubject(faces: readonly DetectedFace[], image: Size): Subject {
  if (isCutOut(image)) return { kind: 'whole-image' };
  const [largest, second] = faces.toSorted((a, b) => b.box.height - a.box.height);
  if (largest === undefined) return { kind: 'refused', reason: 'no-face' };
  if (second !== undefined && largest.box.height < STANDS_OUT * second.box.height) return { kind: 'refused', reason: 'several-faces' };
  return { kind: 'face', square: toFaceSquare(largest.box) };
}
