import type { DetectedFace, FaceDetector } from '../../domain/face.ts';
import { scaleBox } from '../../domain/face.ts';
import type { GreyPixels, ImageLimits } from '../../domain/image-transform.ts';
import type { SubjectRefusal } from '../../domain/subject.ts';
import { isCutOut, toSubject } from '../../domain/subject.ts';
import { toWholeView } from '../../domain/tiles.ts';
import { toGreyPixels } from './decode.ts';
import { findFaces } from './find-faces.ts';
import type { Frame } from './frame.ts';
import { withFrame } from './frame.ts';

/**
 * The detector misses every second face that fills a picture of 224 pixels, and one in thirty of the same ones at this size
 * (docs/model.md).
 */
const FILLED_SIDE = 64;
/** Of the shorter side: what is found at that size and is less high fills nothing. */
const LEAST_FILLED = 0.5;

type SubjectPixels = { readonly pixels: GreyPixels } | { readonly refusal: SubjectRefusal };

/** Has {@link cutSubject} with a detector that is there as long as somebody works with it. */
export function lendSubjectCutter(lendDetector: <T>(work: (detector: FaceDetector) => Promise<T>) => Promise<T>) {
  return <T>(work: (cut: (bytes: Uint8Array, limits: ImageLimits) => Promise<SubjectPixels>) => Promise<T>): Promise<T> =>
    lendDetector((detector) => work((bytes, limits) => cutSubject(bytes, limits, detector)));
}

/**
 * Cuts the one face that a labelled photo is about out of it, exactly as a face is cut out of a scene that is asked about;
 * which face that is, and when there is none, is said in the domain. Only the whole view is searched, and, where it shows none, for a face
 * that fills it: whoever is too small to be seen there is not who a photo is about. An image that is a cut-out face already gives the pixels that it gives as it is.
 *
 * @throws Failure `image-too-large`, `image-unsupported`, `image-unreadable`
 */
export async function cutSubject(bytes: Uint8Array, limits: ImageLimits, detector: FaceDetector): Promise<SubjectPixels> {
  const cut = await withFrame(bytes, limits, async (frame) => {
    const subject = toSubject(isCutOut(frame) ? [] : await findCandidates(frame, detector), frame);
    if (subject.kind === 'refused') return { refusal: subject.reason };
    return subject.kind === 'face' ? { pixels: await frame.toGreyPixels(subject.square) } : null;
  });
  if (cut !== null) return cut;
  const { pixels } = await toGreyPixels(bytes, limits);
  return { pixels };
}

async function findCandidates(frame: Frame, detector: FaceDetector): Promise<DetectedFace[]> {
  const faces = await findFaces(frame, detector, 'never');
  if (faces.length > 0) return faces;
  const { area, size } = toWholeView(frame, FILLED_SIDE);
  const found = await detector.detect(await frame.toPicture(area, size));
  return found
    .map(({ box, score }) => ({ box: scaleBox(box, area.width / size.width), score }))
    .filter(({ box }) => box.height >= LEAST_FILLED * Math.min(frame.width, frame.height));
}
