import sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { GreyPixels } from '../../domain/image-transform.ts';
import { IMAGE_SIDE } from '../../domain/image-transform.ts';
import { addNoise, dim, sample, smear, toLevels } from '../../domain/poor-camera.ts';
import type { Condition, Disturbance, Strength } from '../../domain/robustness.ts';
import type { Random } from '../../domain/random.ts';
import { glasses, hand } from './occlude.ts';

type Change = (pixels: GreyPixels, random: Random) => GreyPixels | Promise<GreyPixels>;

/**
 * What each disturbance does to a face of 48x48 grey pixels. A colour cast has no place here, for the network sees grey: what
 * is left of it is another curve of brightness, which is `gamma`.
 */
const CHANGES: Readonly<Record<Disturbance, Readonly<Record<Strength, Change>>>> = {
  'low-light': { mild: fault(dim, 1 / 3), medium: fault(dim, 1 / 6), strong: fault(dim, 1 / 12) },
  gamma: { mild: bend(1.5), medium: bend(2.2), strong: bend(3.2) },
  'motion-blur': { mild: fault(smear, 3), medium: fault(smear, 6), strong: fault(smear, 9) },
  noise: { mild: fault(addNoise, 8), medium: fault(addNoise, 16), strong: fault(addNoise, 32) },
  jpeg: { mild: compress(30), medium: compress(15), strong: compress(8) },
  tilt: { mild: turn(10), medium: turn(20), strong: turn(30) },
  glasses: { mild: glasses('rims'), medium: glasses('tinted'), strong: glasses('dark') },
  hand: { mild: hand(8), medium: hand(11), strong: hand(14) },
};

/**
 * Makes a picture of a face worse.
 *
 * @param random gives everything that is left to chance: the same stream makes the same picture
 * @returns 2304 grey bytes; the given ones are not changed
 */
export async function disturb(pixels: GreyPixels, condition: Condition, random: Random): Promise<GreyPixels> {
  if ('side' in condition) return shrink(pixels, condition.side);
  return CHANGES[condition.disturbance][condition.strength](pixels, random);
}

/** One of a camera's faults, so much of it. */
function fault(takePicture: typeof dim, amount: number): Change {
  return (pixels, random) => takePicture(pixels, amount, random);
}

/** A camera's other curve of brightness: half of the faces darker, half brighter. */
function bend(exponent: number): Change {
  return (pixels, random) => {
    const power = random.uniform(0, 1) < 0.5 ? exponent : 1 / exponent;
    return toLevels((index) => 255 * (pixels[index]! / 255) ** power);
  };
}

/** At its own size: a face of 48 pixels in a frame that was stored with this quality. */
function compress(quality: number): Change {
  return async (pixels) => readGrey(sharp(await open(pixels).jpeg({ quality }).toBuffer()));
}

/** About the middle of the picture, to either side; the border is continued outwards. */
function turn(degrees: number): Change {
  return (pixels, random) => {
    const angle = ((random.uniform(0, 1) < 0.5 ? -degrees : degrees) * Math.PI) / 180;
    const centre = (IMAGE_SIDE - 1) / 2;
    return toLevels((_, column, row) => {
      const [x, y] = [column - centre, row - centre];
      return sample(pixels, centre + Math.cos(angle) * x - Math.sin(angle) * y, centre + Math.sin(angle) * x + Math.cos(angle) * y);
    });
  };
}

/** Seen with so few pixels, and scaled up as the transform does it. */
async function shrink(pixels: GreyPixels, side: number): Promise<GreyPixels> {
  const small = await open(pixels).resize(side, side).toColourspace('b-w').raw().toBuffer();
  return readGrey(sharp(small, { raw: { width: side, height: side, channels: 1 } }).resize(IMAGE_SIDE, IMAGE_SIDE));
}

function open(pixels: GreyPixels): Sharp {
  return sharp(pixels, { raw: { width: IMAGE_SIDE, height: IMAGE_SIDE, channels: 1 } });
}

async function readGrey(image: Sharp): Promise<GreyPixels> {
  return new Uint8Array(await image.toColourspace('b-w').raw({ depth: 'uchar' }).toBuffer());
}
