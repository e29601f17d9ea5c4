import type { GreyPixels } from './image-transform.ts';
import { IMAGE_PIXELS, IMAGE_SIDE } from './image-transform.ts';
import type { Random } from './random.ts';

/** 48x48 grey levels, 0 to 255, row after row. */
type Levels = ArrayLike<number>;

/** Less light on the same sensor: shot noise that grows with the root of the signal, some read noise, few grey levels. */
export function dim(pixels: Levels, light: number, random: Random): GreyPixels {
  return toLevels((index) => {
    const signal = pixels[index]! * light;
    return signal + random.normal() * (1 + Math.sqrt(signal) / 2);
  });
}

export function addNoise(pixels: Levels, deviation: number, random: Random): GreyPixels {
  return toLevels((index) => pixels[index]! + random.normal() * deviation);
}

/** The head moves so many pixels, evenly and in any direction, while the picture is taken. */
export function smear(pixels: Levels, length: number, random: Random): GreyPixels {
  const angle = random.uniform(0, Math.PI);
  const [alongX, alongY] = [Math.cos(angle) * length, Math.sin(angle) * length];
  const steps = Math.ceil(2 * length) + 1;
  return toLevels((_, column, row) => {
    let sum = 0;
    for (let step = 0; step < steps; step += 1) {
      const way = steps > 1 ? step / (steps - 1) - 0.5 : 0;
      sum += sample(pixels, column + alongX * way, row + alongY * way);
    }
    return sum / steps;
  });
}

/** Seen with `side` pixels a side, at most 48, each the average of what it covers, and scaled up between their middles. */
export function coarsen(pixels: Levels, side: number): GreyPixels {
  const scale = side / IMAGE_SIDE;
  const [sums, counts] = [new Float32Array(side * side), new Float32Array(side * side)];
  for (let index = 0; index < IMAGE_PIXELS; index += 1) {
    const cell = Math.floor(Math.floor(index / IMAGE_SIDE) * scale) * side + Math.floor((index % IMAGE_SIDE) * scale);
    sums[cell]! += pixels[index]!;
    counts[cell]! += 1;
  }
  const cells = sums.map((sum, cell) => sum / counts[cell]!);
  return toLevels((_, column, row) => sample(cells, (column + 0.5) * scale - 0.5, (row + 0.5) * scale - 0.5, side));
}

/** The level between pixels, bilinear; the border is continued outwards. */
export function sample(pixels: Levels, x: number, y: number, side = IMAGE_SIDE): number {
  const last = side - 1;
  const [column, row] = [Math.min(last, Math.max(0, x)), Math.min(last, Math.max(0, y))];
  const left = Math.min(Math.floor(column), last - 1);
  const top = Math.min(Math.floor(row), last - 1);
  const [right, below] = [column - left, row - top];
  const at = top * side + left;
  const upper = pixels[at]! * (1 - right) + pixels[at + 1]! * right;
  const lower = pixels[at + side]! * (1 - right) + pixels[at + side + 1]! * right;
  return upper * (1 - below) + lower * below;
}

/** A picture of what is said of each pixel, rounded and cut off at black and white. */
export function toLevels(valueOf: (index: number, column: number, row: number) => number): GreyPixels {
  const levels = new Uint8ClampedArray(IMAGE_PIXELS);
  for (let index = 0; index < IMAGE_PIXELS; index += 1) levels[index] = valueOf(index, index % IMAGE_SIDE, Math.floor(index / IMAGE_SIDE));
  return new Uint8Array(levels.buffer);
}
