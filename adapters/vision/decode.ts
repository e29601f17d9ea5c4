import { fileTypeFromBuffer } from 'file-type';
import sharp from 'sharp';
import type { Metadata, Sharp } from 'sharp';
import { Failure } from '../../domain/failure.ts';
import type { GreyPixels, ImageLimits } from '../../domain/image-transform.ts';
import { IMAGE_PIXELS, IMAGE_SIDE } from '../../domain/image-transform.ts';
import { createBudget } from './budget.ts';
import { readPlainPng } from './plain-png.ts';
import { tameExif } from './tame-exif.ts';

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif';

export interface DecodedImage {
  readonly pixels: GreyPixels;
  /** Size of the image as a person sees it, its orientation applied. */
  readonly width: number;
  readonly height: number;
  readonly format: ImageFormat;
}

const FORMATS: Readonly<Record<string, ImageFormat>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
};

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** What transparent parts of an image are laid on. */
export const MID_GREY = { r: 128, g: 128, b: 128 };

/** Far more than the largest legal image takes; stops files crafted to decode for ever. */
const DECODE_TIMEOUT_SECONDS = 20;

/**
 * Pixels that may be decoded at a time: some files must be unpacked whole, at up to 6 bytes a pixel (progressive JPEG).
 * Camera pictures never come near it; a few of the largest legal images at once would otherwise fill a small machine.
 */
const pixelBudget = createBudget(50_000_000);

/** AVIF unpacks a kilobyte to any size at some 20 bytes a pixel and a tenth of a second a megapixel. */
const AVIF_COST = 4;

// More threads for one image made nothing faster with several images under way. Nothing is decoded twice, so that a
// cache of operations would only hold people's images in memory.
sharp.concurrency(1);
sharp.cache(false);

/** An image file whose kind, header and size have been judged; no pixel of it has been decoded. */
export interface CheckedImage {
  /** Size of the image as a person sees it, its orientation applied. */
  readonly width: number;
  readonly height: number;
  readonly format: ImageFormat;
  /** Begins the decoding: upright, and with what the limits still have to say. */
  open(): Sharp;
  /** Does work that decodes the image when there is memory for it. */
  within<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Turns an image file into the network's input, by the rules of {@link IMAGE_TRANSFORM}: the one way in which training
 * and serving do it. Reads JPEG, PNG, WebP, GIF and AVIF; of an animation, the first frame. The size is judged by the
 * header, before any pixel is decoded.
 *
 * @throws Failure `image-too-large`, `image-unsupported`, `image-unreadable`
 */
export async function toGreyPixels(bytes: Uint8Array, limits: ImageLimits): Promise<DecodedImage> {
  refuseLength(bytes, limits);
  const ready = IMAGE_PIXELS <= limits.maxPixels ? readPlainPng(bytes) : null;
  if (ready !== null) return { pixels: ready, width: IMAGE_SIDE, height: IMAGE_SIDE, format: 'png' };
  const { width, height, format, open, within } = await checkImage(bytes, limits);
  const pixels = await within(() => transform(open()));
  return { pixels, width, height, format };
}

/**
 * Judges an image file before it is decoded.
 *
 * @throws Failure `image-too-large`, `image-unsupported`, `image-unreadable`
 */
export async function checkImage(bytes: Uint8Array, limits: ImageLimits): Promise<CheckedImage> {
  refuseLength(bytes, limits);
  const format = await detectFormat(bytes);
  const tamed = tameExif(bytes, format);
  const metadata = await readHeader(tamed, format);
  const { width, height } = metadata.autoOrient;
  const { cost, maxPixels } = toCost(format, limits);
  if (width * height > maxPixels) {
    throw new Failure('image-too-large', `The image has ${width} x ${height} pixels; at most ${maxPixels} are allowed.`);
  }
  return {
    width,
    height,
    format,
    open: () => sharp(tamed, { limitInputPixels: maxPixels, failOn: 'error' }).autoOrient().timeout({ seconds: DECODE_TIMEOUT_SECONDS }),
    within: (work) => pixelBudget(width * height * cost, work),
  };
}

function refuseLength({ byteLength }: Uint8Array, { maxBytes }: ImageLimits): void {
  if (byteLength === 0) throw new Failure('image-unreadable', 'The file is empty.');
  if (byteLength > maxBytes) throw new Failure('image-too-large', `The file has ${byteLength} bytes; at most ${maxBytes} are allowed.`);
}

function toCost(format: ImageFormat, { maxPixels }: ImageLimits): { cost: number; maxPixels: number } {
  return format === 'avif' ? { cost: AVIF_COST, maxPixels: Math.floor(maxPixels / AVIF_COST) } : { cost: 1, maxPixels };
}

/** Goes by the content: names and content types are what a sender says, not what the bytes are. */
async function detectFormat(bytes: Uint8Array): Promise<ImageFormat> {
  // file-type walks a PNG's chunks to tell animated ones apart, and so doesn't know one that is cut short.
  if (PNG_SIGNATURE.equals(bytes.subarray(0, PNG_SIGNATURE.length))) return 'png';
  const type = await fileTypeFromBuffer(bytes).catch(() => undefined);
  const format = type === undefined ? undefined : FORMATS[type.mime];
  if (format !== undefined) return format;
  const found = type === undefined ? 'The file is no image that can be read' : `Files of type ${type.mime} can't be read`;
  throw new Failure('image-unsupported', `${found}; send JPEG, PNG, WebP, GIF or AVIF.`);
}

async function readHeader(bytes: Uint8Array, format: ImageFormat): Promise<Metadata> {
  const metadata = await sharp(bytes, { limitInputPixels: false }).metadata().catch(refuseDamaged);
  const actual = metadata.format === 'heif' && metadata.compression === 'av1' ? 'avif' : metadata.format;
  if (actual === format) return metadata;
  throw new Failure('image-unreadable', `The file begins like ${format} but does not go on so.`);
}

/** The rules of {@link IMAGE_TRANSFORM}, for a whole image or a part of one. */
export async function transform(image: Sharp): Promise<GreyPixels> {
  const { data, info } = await image
    .flatten({ background: MID_GREY })
    .resize(IMAGE_SIDE, IMAGE_SIDE, { fit: 'cover', position: 'centre' })
    .toColourspace('b-w')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch(refuseDamaged);
  if (data.byteLength !== IMAGE_PIXELS || info.channels !== 1) {
    throw new Error(`the transform made ${info.width} x ${info.height} x ${info.channels} instead of one grey channel`);
  }
  return new Uint8Array(data);
}

export function refuseDamaged(cause: unknown): never {
  throw new Failure('image-unreadable', 'The image is damaged or cut short.', { cause });
}
