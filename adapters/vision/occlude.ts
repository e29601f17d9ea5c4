import type { GreyPixels } from '../../domain/image-transform.ts';
import { IMAGE_PIXELS, IMAGE_SIDE } from '../../domain/image-transform.ts';
import type { Random } from '../../domain/random.ts';

/** Faces are framed with their eyes at 0.38 of the picture's height, and the mouth at 0.74. */
const EYES = 0.38 * IMAGE_SIDE;
const MOUTH = 0.74 * IMAGE_SIDE;
const MIDDLE = IMAGE_SIDE / 2;

/** Where the middles of the two lenses are from that of the face, and how far each reaches; pixels. */
const LENS = { distance: 10, halfWidth: 7, halfHeight: 5 } as const;

const RIM_GREY = 20;

/** Rims alone, lenses that let two fifths of the light through, or lenses and rims that let none through. */
const LIGHT = { rims: 1, tinted: 0.4, dark: 0 } as const;

/** Puts glasses on a face that looks into the camera. */
export function glasses(kind: keyof typeof LIGHT): (pixels: GreyPixels) => GreyPixels {
  return (pixels) => pixels.map((grey, index) => {
    const [x, y] = [Math.abs((index % IMAGE_SIDE) + 0.5 - MIDDLE) - LENS.distance, Math.floor(index / IMAGE_SIDE) + 0.5 - EYES];
    const reach = (x / LENS.halfWidth) ** 2 + (y / LENS.halfHeight) ** 2;
    const isBridge = x < -LENS.halfWidth && Math.abs(y) < 1;
    if (isBridge || (reach > 0.72 && reach <= 1.1)) return RIM_GREY;
    return reach < 1 ? RIM_GREY + (grey - RIM_GREY) * LIGHT[kind] : grey;
  });
}

/** Holds a hand before the mouth, from either side: a disc as grey as the face is on average. */
export function hand(radius: number): (pixels: GreyPixels, random: Random) => GreyPixels {
  return (pixels, random) => {
    const x = MIDDLE + (random.uniform(0, 1) < 0.5 ? -1 : 1) * (IMAGE_SIDE / 8);
    const skin = pixels.reduce((sum, grey) => sum + grey, 0) / IMAGE_PIXELS;
    return pixels.map((grey, index) => {
      const [column, row] = [(index % IMAGE_SIDE) + 0.5, Math.floor(index / IMAGE_SIDE) + 0.5];
      return Math.hypot(column - x, row - MOUTH) <= radius ? skin : grey;
    });
  };
}
