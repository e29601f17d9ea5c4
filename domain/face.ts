/** A rectangle in an image, in its pixels; `x` and `y` are its upper left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Three bytes a pixel (red, green, blue), row by row. */
export interface RgbPicture extends Size {
  readonly pixels: Uint8Array;
}

/** Where a face is, from the brow to the chin, and how sure the detector is that it is one, 0 to 1. */
export interface DetectedFace {
  readonly box: Box;
  readonly score: number;
}

/** Finds faces in pictures. It knows nobody: what it says of a face is where it is. */
export interface FaceDetector {
  /** Sides of a picture are at most this long, in pixels. */
  readonly largestSide: number;
  /** Of each picture the faces, in its pixels, best score first, none twice. Boxes may reach over the picture's edges. */
  detect(picture: RgbPicture): Promise<DetectedFace[]>;
  close(): Promise<void>;
}

/**
 * Side of the square that a training face fills, of a detected box's height: with it, eyes and mouth come to lie where
 * they do in the faces that the network has learned from (eyes at 0.38, mouth at 0.74 of the side).
 */
const SQUARE_TO_HEIGHT = 0.87;

/** The square that is cut out to be classified, about the same centre as the box. */
export function toFaceSquare({ x, y, width, height }: Box): Box {
  const side = SQUARE_TO_HEIGHT * height;
  return { x: x + (width - side) / 2, y: y + (height - side) / 2, width: side, height: side };
}

/** What two boxes have in common, of what the smaller one covers; 0 when they do not meet. */
export function toSharedPart(a: Box, b: Box): number {
  return toCommonArea(a, b) / Math.min(a.width * a.height, b.width * b.height);
}

/** What two boxes have in common, of what both cover together; 0 when they do not meet. */
export function toOverlap(a: Box, b: Box): number {
  const common = toCommonArea(a, b);
  return common / (a.width * a.height + b.width * b.height - common);
}

function toCommonArea(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Of those that `measure` says are the same face, the one with the best score; best first. */
export function dropDoubles(faces: readonly DetectedFace[], measure: (a: Box, b: Box) => number, largest: number): DetectedFace[] {
  const kept: DetectedFace[] = [];
  for (const face of faces.toSorted((a, b) => b.score - a.score)) {
    if (kept.every(({ box }) => measure(box, face.box) <= largest)) kept.push(face);
  }
  return kept;
}

/** The part of a box that lies inside an image, on whole pixels, at least one wide and high. */
export function clipBox(box: Box, { width, height }: Size): Box {
  const x = Math.round(Math.min(Math.max(box.x, 0), width - 1));
  const y = Math.round(Math.min(Math.max(box.y, 0), height - 1));
  return {
    x,
    y,
    width: Math.max(1, Math.min(Math.round(box.x + box.width), width) - x),
    height: Math.max(1, Math.min(Math.round(box.y + box.height), height) - y),
  };
}

/** The box in an image of another scale. */
export function scaleBox({ x, y, width, height }: Box, factor: number): Box {
  return { x: x * factor, y: y * factor, width: width * factor, height: height * factor };
}

export function moveBox(box: Box, by: { readonly x: number; readonly y: number }): Box {
  return { ...box, x: box.x + by.x, y: box.y + by.y };
}
