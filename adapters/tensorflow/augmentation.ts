import { IMAGE_PIXELS, IMAGE_SIDE } from '../../domain/image-transform.ts';
import { addNoise, coarsen, dim, sample, smear } from '../../domain/poor-camera.ts';
import type { Random } from '../../domain/random.ts';

/** How far a training image may be changed. Every amount is drawn evenly: from minus to plus a number, between the two of a pair. */
export const AUGMENTATION = {
  /** Faces look to both sides, and expressions are symmetric enough. */
  flipProbability: 0.5,
  /** Heads tilt. */
  rotationDegrees: 12,
  /** Face detectors place and size their boxes with about this much play: pixels, and the logarithm of the factor. */
  shiftPixels: 4,
  logScale: 0.12,
  /** Heads turn and nod: the two sides are stretched apart, and slanted. */
  logAspect: 0.06,
  shear: 0.1,
  /** Light and cameras differ; what standardisation does not undo is that bright and dark parts are cut off. */
  contrast: 0.3,
  brightness: 30,
  /** Hands, hair and glasses hide parts of faces: a square of this side becomes flat grey. */
  erasedSide: 16,
  /** What a cheap camera in a dark room does to a face; each fault by itself, so that half of the pictures have none. */
  faultProbability: 0.15,
  smearPixels: [1, 7],
  /** Faces far from the camera have so few pixels a side. */
  coarseSide: [14, 40],
  /** The logarithm, to the base of 2, of the share of the light that there is. */
  log2Light: [-3.5, 0],
  noiseDeviation: [2, 24],
} as const;

/**
 * Draws one changed copy of an image: flipped, turned, moved, scaled, slanted in one bilinear resampling (the border is
 * continued outwards), then light and contrast, then the erased square, then the camera's faults.
 *
 * @param source 2304 grey bytes; not changed
 * @param target gets 2304 numbers, 0 to 255
 */
export function augment(source: Uint8Array, target: Float32Array, random: Random): void {
  warp(source, target, drawWarp(random));
  changeLight(target, random);
  erase(target, random);
  usePoorCamera(target, random);
}

/** Where a target pixel's colour is taken from: x = xx * column + xy * row + x0, and y alike. */
interface Warp {
  readonly xx: number;
  readonly xy: number;
  readonly x0: number;
  readonly yx: number;
  readonly yy: number;
  readonly y0: number;
}

const CENTRE = (IMAGE_SIDE - 1) / 2;

function drawWarp(random: Random): Warp {
  const within = (limit: number): number => random.uniform(-limit, limit);
  const angle = (within(AUGMENTATION.rotationDegrees) * Math.PI) / 180;
  const scale = Math.exp(within(AUGMENTATION.logScale));
  const aspect = Math.exp(within(AUGMENTATION.logAspect));
  const mirror = random.uniform(0, 1) < AUGMENTATION.flipProbability ? -1 : 1;
  const xx = mirror * Math.cos(angle) * scale * aspect;
  const xy = mirror * (within(AUGMENTATION.shear) - Math.sin(angle) * scale);
  const yx = Math.sin(angle) * scale;
  const yy = (Math.cos(angle) * scale) / aspect;
  // Turned about the middle of the image, then moved.
  const x0 = CENTRE + within(AUGMENTATION.shiftPixels) - (xx + xy) * CENTRE;
  const y0 = CENTRE + within(AUGMENTATION.shiftPixels) - (yx + yy) * CENTRE;
  return { xx, xy, x0, yx, yy, y0 };
}

function warp(source: Uint8Array, target: Float32Array, { xx, xy, x0, yx, yy, y0 }: Warp): void {
  for (let row = 0, index = 0; row < IMAGE_SIDE; row += 1) {
    for (let column = 0; column < IMAGE_SIDE; column += 1, index += 1) {
      target[index] = sample(source, xx * column + xy * row + x0, yx * column + yy * row + y0);
    }
  }
}

function changeLight(target: Float32Array, random: Random): void {
  const contrast = random.uniform(1 - AUGMENTATION.contrast, 1 + AUGMENTATION.contrast);
  const brightness = 128 * (1 - contrast) + random.uniform(-AUGMENTATION.brightness, AUGMENTATION.brightness);
  for (let index = 0; index < IMAGE_PIXELS; index += 1) target[index] = clamp(target[index]! * contrast + brightness, 255);
}

/** The square may hang over the edge, so that it is often smaller. */
function erase(target: Float32Array, random: Random): void {
  const half = AUGMENTATION.erasedSide / 2;
  const row = random.integer(IMAGE_SIDE);
  const column = random.integer(IMAGE_SIDE);
  const grey = target.reduce((total, value) => total + value, 0) / IMAGE_PIXELS;
  for (let y = Math.max(0, row - half); y < Math.min(IMAGE_SIDE, row + half); y += 1) {
    target.fill(grey, y * IMAGE_SIDE + Math.max(0, column - half), y * IMAGE_SIDE + Math.min(IMAGE_SIDE, column + half));
  }
}

function clamp(value: number, high: number): number {
  return value < 0 ? 0 : value > high ? high : value;
}

function usePoorCamera(target: Float32Array, random: Random): void {
  const { faultProbability, smearPixels, coarseSide, log2Light, noiseDeviation } = AUGMENTATION;
  const isAtFault = (): boolean => random.uniform(0, 1) < faultProbability;
  if (isAtFault()) target.set(smear(target, random.uniform(...smearPixels), random));
  if (isAtFault()) target.set(coarsen(target, Math.round(random.uniform(...coarseSide))));
  if (isAtFault()) target.set(dim(target, 2 ** random.uniform(...log2Light), random));
  if (isAtFault()) target.set(addNoise(target, random.uniform(...noiseDeviation), random));
}
