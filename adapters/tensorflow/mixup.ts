import { IMAGE_PIXELS } from '../../domain/image-transform.ts';
import type { Random } from '../../domain/random.ts';

export interface Blendable {
  /** Image after image, 2304 numbers each. */
  readonly pixels: Float32Array<ArrayBuffer>;
  /** What is wanted of each image. */
  readonly targets: Float32Array<ArrayBuffer>;
  readonly size: number;
}

/**
 * Concentration of the shares: at 0.2 most images stay nearly pure, and some become as good as half and half.
 */
const CONCENTRATION = 0.2;

/**
 * Blends each image of a batch with the next one, and what is wanted of it alike (mixup, Zhang et al. 2018). A network so
 * trained does not learn wrong labels by heart: FER-like labels are wrong about one time in three.
 */
export function mixUp({ pixels, targets, size }: Blendable, random: Random): Blendable {
  const labels = targets.length / size;
  const mixedPixels = new Float32Array(pixels.length);
  const mixedTargets = new Float32Array(targets.length);
  for (let image = 0; image < size; image += 1) {
    const partner = (image + 1) % size;
    const share = drawShare(random);
    blend(pixels, mixedPixels, IMAGE_PIXELS, image, partner, share);
    blend(targets, mixedTargets, labels, image, partner, share);
  }
  return { pixels: mixedPixels, targets: mixedTargets, size };
}

/** From 0.5 to 1: what an image keeps of itself. Beta distributed (drawn by Jöhnk's method), the larger part of the two. */
function drawShare(random: Random): number {
  for (;;) {
    const a = random.uniform(0, 1) ** (1 / CONCENTRATION);
    const b = random.uniform(0, 1) ** (1 / CONCENTRATION);
    if (a + b > 0 && a + b <= 1) return Math.max(a, b) / (a + b);
  }
}

function blend(from: Float32Array, to: Float32Array, length: number, image: number, partner: number, share: number): void {
  for (let index = 0; index < length; index += 1) {
    to[image * length + index] = share * from[image * length + index]! + (1 - share) * from[partner * length + index]!;
  }
}
