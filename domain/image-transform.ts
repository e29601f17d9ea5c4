import { z } from 'zod';

/** Side of the network's input in pixels. */
export const IMAGE_SIDE = 48;
export const IMAGE_PIXELS = IMAGE_SIDE * IMAGE_SIDE;

/**
 * How an image of any size becomes the network's input: EXIF orientation applied, transparency laid on mid grey, one
 * grey channel, covered and centre-cropped to 48x48, 8 bits. Whoever changes the pixels that come out raises the
 * version: data sets and models made with another one are then not mixed.
 */
export const IMAGE_TRANSFORM = { name: 'grey-cover-48', version: 1 } as const;

export const imageTransformSchema = z.object({ name: z.string(), version: z.int().positive() });
export type ImageTransform = z.infer<typeof imageTransformSchema>;

export function isSameTransform(a: ImageTransform, b: ImageTransform): boolean {
  return a.name === b.name && a.version === b.version;
}

/** What an image file may measure at most. */
export const imageLimitsSchema = z.object({
  maxBytes: z.int().positive(),
  /** Width times height. */
  maxPixels: z.int().positive(),
});
export type ImageLimits = z.infer<typeof imageLimitsSchema>;

export function isSameLimits(a: ImageLimits, b: ImageLimits): boolean {
  return a.maxBytes === b.maxBytes && a.maxPixels === b.maxPixels;
}

/** A 48x48 grey image: 2304 bytes, row-major, 0 black to 255 white. */
export type GreyPixels = Uint8Array;
