import sharp from 'sharp';
import type { OutputInfo } from 'sharp';
import { Failure } from '../../domain/failure.ts';
import type { GreyPixels } from '../../domain/image-transform.ts';
import { IMAGE_PIXELS, IMAGE_SIDE } from '../../domain/image-transform.ts';
import { readPlainPng } from './plain-png.ts';

/**
 * Writes a 48x48 grey image as PNG, losing nothing. The same pixels give the same bytes, so that what is named by its
 * digest keeps its name when it is made again.
 */
export async function encodeGreyPng(pixels: GreyPixels): Promise<Uint8Array> {
  if (pixels.byteLength !== IMAGE_PIXELS) {
    throw new RangeError(`a grey image has ${IMAGE_PIXELS} pixels, not ${pixels.byteLength}`);
  }
  return sharp(pixels, { raw: { width: IMAGE_SIDE, height: IMAGE_SIDE, channels: 1 } })
    .toColourspace('b-w')
    .png({ compressionLevel: 9, adaptiveFiltering: false, palette: false })
    .toBuffer();
}

/**
 * Reads back what {@link encodeGreyPng} wrote.
 *
 * @throws Failure `data-corrupt` for anything else
 */
export async function decodeGreyPng(bytes: Uint8Array): Promise<GreyPixels> {
  const plain = readPlainPng(bytes);
  if (plain !== null) return plain;
  const { data, info } = await readPng(bytes);
  if (info.width !== IMAGE_SIDE || info.height !== IMAGE_SIDE || info.channels !== 1) {
    throw new Failure('data-corrupt', `A stored sample is ${info.width} x ${info.height} with ${info.channels} channels.`);
  }
  return new Uint8Array(data);
}

async function readPng(bytes: Uint8Array): Promise<{ data: Buffer; info: OutputInfo }> {
  try {
    const image = sharp(bytes, { limitInputPixels: IMAGE_PIXELS }).toColourspace('b-w').raw({ depth: 'uchar' });
    return await image.toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw new Failure('data-corrupt', 'A stored sample is no PNG that can be read.', { cause: error });
  }
}

/** Both ways as one thing, for whoever stores samples. */
export const greyPngCodec = { encode: encodeGreyPng, decode: decodeGreyPng } as const;
