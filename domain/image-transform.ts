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

/**
 * Version of the way in which the one face that a labelled photo is about is found and cut out (domain/subject.ts). Whoever
 * changes the detector, its thresholds or the choice of the face raises it.
 */
const FACE_CROP_VERSION = 1;

export const imageTransformSchema = z.object({
  name: z.string(),
  version: z.int().positive(),
  /** Version of the way in which faces were cut out first; absent where images were taken whole. */
  faceCrop: z.int().positive().optional(),
});
export type ImageTransform = z.infer<typeof imageTransformSchema>;

/** How the images of a data set are made by this code. */
export function toDatasetTransform({ cropFaces }: { readonly cropFaces: boolean }): ImageTransform {
  return cropFaces ? { ...IMAGE_TRANSFORM, faceCrop: FACE_CROP_VERSION } : IMAGE_TRANSFORM;
}

/**
 * Whether a network that learned from images of one can be asked about images of the other. Cutting out faces does not
 * count: it comes before, and whoever asks about a scene does it anyway.
 */
export function isSameTransform(a: ImageTransform, b: ImageTransform): boolean {
  return a.name === b.name && a.version === b.version;
}

/** Whether images of both may be in one data set: made the same way, with or without cutting out faces. */
export function isSameDatasetTransform(a: ImageTransform, b: ImageTransform): boolean {
  return isSameTransform(a, b) && a.faceCrop === b.faceCrop;
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
