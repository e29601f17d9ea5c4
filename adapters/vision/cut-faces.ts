import type { Box, Size } from '../../domain/face.ts';
import { clipBox, toFaceSquare } from '../../domain/face.ts';
import type { FaceFlaw } from '../../domain/face-quality.ts';
import { isSmall, toFaceFlaws } from '../../domain/face-quality.ts';
import type { GreyPixels, ImageLimits } from '../../domain/image-transform.ts';
import type { FaceSight, LandmarkFinder } from '../../domain/landmarks.ts';
import { toTurn } from '../../domain/landmarks.ts';
import { isCutOut } from '../../domain/subject.ts';
import type { ImageFormat } from './decode.ts';
import type { Tiling } from './find-faces.ts';
import { findFaces } from './find-faces.ts';
import type { Frame } from './frame.ts';
import { withFrame } from './frame.ts';

export interface CutFace {
  /** Whole pixels of the image as a person sees it; all of it inside. */
  readonly box: Box;
  /** How sure the detector is that it is a face, 0 to 1. */
  readonly score: number;
  /** The face as the network's input, framed as the faces are that it has learned from. */
  readonly pixels: GreyPixels;
  readonly flaws: readonly FaceFlaw[];
}

export interface ImageFaces {
  /** Size of the image as a person sees it, its orientation applied. */
  readonly width: number;
  readonly height: number;
  readonly format: ImageFormat;
  /** From left to right; at most 500. */
  readonly faces: readonly CutFace[];
  /** How many more there are that nobody may look at. */
  readonly leftOut: number;
}

/** Whether nobody may look at a face that is here, in an image of this size; boxes may reach over its edges. */
export type LeaveOut = (box: Box, image: Size) => boolean;

const NOBODY: LeaveOut = () => false;

/**
 * Finds the faces in an image file and cuts each out for the network, with the transform that makes training data; but for those that are to be
 * left out: of them there is a number, and never a picture.
 *
 * @throws Failure `image-too-large`, `image-unsupported`, `image-unreadable`
 */
export async function cutFaces(bytes: Uint8Array, limits: ImageLimits, { detector, landmarks }: FaceSight, tiling: Tiling, isLeftOut: LeaveOut = NOBODY): Promise<ImageFaces> {
  return withFrame(bytes, limits, async (frame) => {
    const { width, height, format } = frame;
    const found = await findFaces(frame, detector, tiling);
    const wanted = found.filter(({ box }) => !isLeftOut(box, frame));
    const [pixels, turns] = await Promise.all([
      Promise.all(wanted.map(({ box }) => frame.toGreyPixels(toFaceSquare(box)))),
      toTurns(wanted.map(({ box }) => box), frame, landmarks),
    ]);
    const faces = wanted.map(({ box, score }, index): CutFace => {
      const view = { box, image: frame, pixels: pixels[index]!, turn: turns.get(box) ?? null };
      return { box: clipBox(box, frame), score, pixels: view.pixels, flaws: toFaceFlaws(view) };
    });
    return { width, height, format, faces, leftOut: found.length - wanted.length };
  });
}

/**
 * How far the faces are turned, of those that are looked at for it: not the small ones, and nobody's where the image is a face that is
 * cut out already, whose framing is another.
 */
async function toTurns(boxes: readonly Box[], frame: Frame, { side, find }: LandmarkFinder): Promise<ReadonlyMap<Box, number>> {
  const looked = isCutOut(frame) ? [] : boxes.filter((box) => !isSmall(box));
  const pictures = await Promise.all(looked.map((box) => frame.toSquarePicture(toFaceSquare(box), side)));
  const found = looked.length === 0 ? [] : await find(pictures.map(({ pixels }) => pixels));
  return new Map(looked.map((box, index) => [box, toTurn(found[index]!)]));
}
