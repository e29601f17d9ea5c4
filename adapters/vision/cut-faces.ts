import type { Box, FaceDetector } from '../../domain/face.ts';
import { clipBox, toFaceSquare } from '../../domain/face.ts';
import type { FaceFlaw } from '../../domain/face-quality.ts';
import { toFaceFlaws } from '../../domain/face-quality.ts';
import type { GreyPixels, ImageLimits } from '../../domain/image-transform.ts';
import type { ImageFormat } from './decode.ts';
import type { Tiling } from './find-faces.ts';
import { findFaces } from './find-faces.ts';
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
}

/**
 * Finds the faces in an image file and cuts each out for the network, with the transform that makes training data.
 *
 * @throws Failure `image-too-large`, `image-unsupported`, `image-unreadable`
 */
export async function cutFaces(bytes: Uint8Array, limits: ImageLimits, detector: FaceDetector, tiling: Tiling): Promise<ImageFaces> {
  return withFrame(bytes, limits, async (frame) => {
    const { width, height, format } = frame;
    const found = await findFaces(frame, detector, tiling);
    const faces = found.map(async ({ box, score }): Promise<CutFace> => {
      const pixels = await frame.toGreyPixels(toFaceSquare(box));
      return { box: clipBox(box, frame), score, pixels, flaws: toFaceFlaws(box, frame, pixels) };
    });
    return { width, height, format, faces: await Promise.all(faces) };
  });
}
