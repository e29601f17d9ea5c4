import type { DetectedFace, Size } from '../../domain/face.ts';

/** Where the detector looks: for each place of its feature layers a few boxes of certain shapes, of which faces are so and so far off. */
export interface Anchors {
  readonly count: number;
  /** Centre x and y, width and height of each, in pixels. */
  readonly boxes: Float32Array;
}

/** Pixels between the places of the first feature layer; each further layer has half as many. */
const FIRST_STRIDE = 16;
const LAYERS = 6;

/** The side of the pictures that the network was trained with, in pixels; it is asked about none that are larger. */
export const TRAINED_SIDE = 512;

/** Side of the first layer's boxes and the growth to the last layer's, as shares of that. */
const SMALLEST = 0.2;
const LARGEST = 0.95;

/** Width to height of the boxes that are no squares. */
const RATIOS = [2, 1 / 2, 3, 1 / 3] as const;

/** The anchors of pictures of this size, in the order of the network's outputs. */
export function toAnchors({ width, height }: Size): Anchors {
  const boxes: number[] = [];
  let columns = Math.ceil(width / FIRST_STRIDE);
  let rows = Math.ceil(height / FIRST_STRIDE);
  for (let layer = 0; layer < LAYERS; layer += 1) {
    const stride = FIRST_STRIDE * 2 ** layer;
    const shapes = toShapes(layer);
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        for (const [boxWidth, boxHeight] of shapes) boxes.push((column + 0.5) * stride, (row + 0.5) * stride, boxWidth, boxHeight);
      }
    }
    columns = Math.ceil(columns / 2);
    rows = Math.ceil(rows / 2);
  }
  return { count: boxes.length / 4, boxes: Float32Array.from(boxes) };
}

/** Width and height in pixels of the boxes at each place of a layer. */
function toShapes(layer: number): (readonly [number, number])[] {
  const shape = (scale: number, ratio: number) => [TRAINED_SIDE * scale * Math.sqrt(ratio), (TRAINED_SIDE * scale) / Math.sqrt(ratio)] as const;
  // The first layer is the exception that this kind of network makes.
  if (layer === 0) return [shape(SMALLEST / 2, 1), shape(SMALLEST, 2), shape(SMALLEST, 1 / 2)];
  const between = Math.sqrt(toScale(layer) * toScale(layer + 1));
  return [shape(toScale(layer), 1), shape(between, 1), ...RATIOS.map((ratio) => shape(toScale(layer), ratio))];
}

function toScale(layer: number): number {
  return layer === LAYERS ? 1 : SMALLEST + ((LARGEST - SMALLEST) * layer) / (LAYERS - 1);
}

/** By how much the network's offsets were multiplied when it learned. */
const CENTRE_SCALE = 10;
const SIZE_SCALE = 5;

/** The faces that a picture's outputs speak of, in its pixels: every one of at least `lowestScore`, in no order, many of them several times. */
export function readFaces({ count, boxes }: Anchors, offsets: Float32Array, scores: Float32Array, lowestScore: number): DetectedFace[] {
  const faces: DetectedFace[] = [];
  for (let index = 0; index < count; index += 1) {
    const score = scores[index]!;
    // Written so that what is not a number is left out, too.
    if (!(score >= lowestScore)) continue;
    const at = index * 4;
    const [anchorX, anchorY, anchorWidth, anchorHeight] = boxes.subarray(at, at + 4) as unknown as readonly [number, number, number, number];
    const [dy, dx, dHeight, dWidth] = offsets.subarray(at, at + 4) as unknown as readonly [number, number, number, number];
    const width = Math.exp(dWidth / SIZE_SCALE) * anchorWidth;
    const height = Math.exp(dHeight / SIZE_SCALE) * anchorHeight;
    const x = anchorX + (dx / CENTRE_SCALE) * anchorWidth - width / 2;
    const y = anchorY + (dy / CENTRE_SCALE) * anchorHeight - height / 2;
    faces.push({ box: { x, y, width, height }, score });
  }
  return faces;
}
