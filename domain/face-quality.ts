import type { Box, Size } from './face.ts';
import { toFaceSquare } from './face.ts';
import type { GreyPixels } from './image-transform.ts';
import { IMAGE_SIDE } from './image-transform.ts';

/**
 * Why what is said of a face should be trusted less: it has too few pixels, it is out of focus or moved, it looks to the side,
 * or it goes on outside the image.
 */
export const FACE_FLAWS = ['small', 'blurred', 'turned', 'cut-off'] as const;
export type FaceFlaw = (typeof FACE_FLAWS)[number];

/** Measured on faces with known labels (docs/model.md): below these the network is clearly less often right. */
const SMALLEST_HEIGHT = 24;
const LEAST_SHARPNESS = 0.04;

/** To either side, as {@link toTurn} measures it: a three-quarter view. */
const LARGEST_TURN = 0.35;

/** Of the square that is classified, along an edge of the image. */
const LARGEST_PART_OUTSIDE = 0.1;

/** What a face is judged by: its box in the image, and what was cut out of it for the network. */
export interface FaceView {
  readonly box: Box;
  readonly image: Size;
  readonly pixels: GreyPixels;
  /** How far it is turned to the side, as {@link toTurn} measures it; null where nobody has looked. */
  readonly turn: number | null;
}

export function toFaceFlaws({ box, image, pixels, turn }: FaceView): FaceFlaw[] {
  const isFlawed: Readonly<Record<FaceFlaw, boolean>> = {
    small: isSmall(box),
    blurred: toSharpness(pixels) < LEAST_SHARPNESS,
    turned: turn !== null && isTurned(turn),
    'cut-off': toPartOutside(toFaceSquare(box), image) > LARGEST_PART_OUTSIDE,
  };
  return FACE_FLAWS.filter((flaw) => isFlawed[flaw]);
}

/** Whether a face has too few pixels for much to be said of it, also of how it stands. */
export function isSmall({ height }: Box): boolean {
  return height < SMALLEST_HEIGHT;
}

export function isTurned(turn: number): boolean {
  return Math.abs(turn) > LARGEST_TURN;
}

/** Of the square's side, how much lies outside the image at the edge where most does. */
function toPartOutside({ x, y, width, height }: Box, image: Size): number {
  return Math.max(-x, -y, x + width - image.width, y + height - image.height) / height;
}

/**
 * How much of a 48x48 image's contrast is in its finest detail: the variance of its Laplacian, of its own variance. 0 for a
 * single tone; light and contrast don't change it.
 */
export function toSharpness(pixels: GreyPixels): number {
  const details: number[] = [];
  for (let y = 1; y < IMAGE_SIDE - 1; y += 1) {
    for (let x = 1; x < IMAGE_SIDE - 1; x += 1) {
      const at = y * IMAGE_SIDE + x;
      details.push(4 * pixels[at]! - pixels[at - 1]! - pixels[at + 1]! - pixels[at - IMAGE_SIDE]! - pixels[at + IMAGE_SIDE]!);
    }
  }
  const contrast = toVariance(pixels);
  return contrast === 0 ? 0 : toVariance(details) / contrast;
}

function toVariance(values: ArrayLike<number>): number {
  let sum = 0;
  let squares = 0;
  for (let index = 0; index < values.length; index += 1) {
    sum += values[index]!;
    squares += values[index]! ** 2;
  }
  return Math.max(0, squares / values.length - (sum / values.length) ** 2);
}
