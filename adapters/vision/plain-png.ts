import { crc32, inflateSync } from 'node:zlib';
import type { GreyPixels } from '../../domain/image-transform.ts';
import { IMAGE_PIXELS, IMAGE_SIDE } from '../../domain/image-transform.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Length and kind before the content of a chunk, its sum after it. */
const CHUNK_HEAD_BYTES = 8;
const CHUNK_SUM_BYTES = 4;

/** 48x48; 8 bits; grey; the one compression, the one set of filters; not interlaced. */
const PLAIN_HEADER = Buffer.from([0, 0, 0, IMAGE_SIDE, 0, 0, 0, IMAGE_SIDE, 8, 0, 0, 0, 0]);

/** Says how large a pixel is on paper. All others but the necessary ones may change how a pixel is to be understood. */
const HARMLESS = 'pHYs';

/** Before each row stands its filter. */
const ROW_BYTES = 1 + IMAGE_SIDE;

/** No such picture takes more, whatever it was packed with. */
const MOST_BYTES = 8_192;

/**
 * The pixels of a PNG file that is the network's input as it stands: 48x48, grey, 8 bits, and nothing in it that would change a pixel. Cut-out
 * faces mostly come like this, and this takes a tenth of what the way for any image takes. Null for every other file, damaged ones too: that
 * way knows what they are.
 */
export function readPlainPng(bytes: Uint8Array): GreyPixels | null {
  if (bytes.byteLength > MOST_BYTES) return null;
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed = findPacked(file);
  if (packed === null) return null;
  try {
    return unfilter(inflateSync(packed, { maxOutputLength: IMAGE_SIDE * ROW_BYTES }));
  } catch {
    return null;
  }
}

/** The compressed rows of a plain file; null where it is not one. */
function findPacked(file: Buffer): Buffer | null {
  if (!SIGNATURE.equals(file.subarray(0, SIGNATURE.length))) return null;
  const parts: Buffer[] = [];
  let expected = 'IHDR';
  for (let at = SIGNATURE.length; at + CHUNK_HEAD_BYTES + CHUNK_SUM_BYTES <= file.length; ) {
    const end = at + CHUNK_HEAD_BYTES + file.readUInt32BE(at);
    if (end + CHUNK_SUM_BYTES > file.length || crc32(file.subarray(at + 4, end)) !== file.readUInt32BE(end)) return null;
    const kind = file.toString('latin1', at + 4, at + CHUNK_HEAD_BYTES);
    const content = file.subarray(at + CHUNK_HEAD_BYTES, end);
    if (expected === 'IHDR') {
      if (kind !== expected || !PLAIN_HEADER.equals(content)) return null;
      expected = 'IDAT';
    } else if (kind === 'IDAT') parts.push(content);
    else if (kind === 'IEND') return Buffer.concat(parts);
    else if (kind !== HARMLESS) return null;
    at = end + CHUNK_SUM_BYTES;
  }
  return null;
}

/** Undoes what PNG does to rows so that they compress well; null for rows of a kind that there is not, or too few. */
function unfilter(rows: Uint8Array): GreyPixels | null {
  if (rows.length !== IMAGE_SIDE * ROW_BYTES) return null;
  const pixels = new Uint8Array(IMAGE_PIXELS);
  for (let row = 0; row < IMAGE_SIDE; row += 1) {
    const filter = rows[row * ROW_BYTES]!;
    if (filter > 4) return null;
    for (let column = 0; column < IMAGE_SIDE; column += 1) {
      const at = row * IMAGE_SIDE + column;
      const left = column === 0 ? 0 : pixels[at - 1]!;
      const above = row === 0 ? 0 : pixels[at - IMAGE_SIDE]!;
      const aboveLeft = column === 0 || row === 0 ? 0 : pixels[at - IMAGE_SIDE - 1]!;
      pixels[at] = rows[row * ROW_BYTES + 1 + column]! + predict(filter, left, above, aboveLeft);
    }
  }
  return pixels;
}

/** By the PNG specification, section 9.2. */
function predict(filter: number, left: number, above: number, aboveLeft: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  const estimate = left + above - aboveLeft;
  const [offLeft, offAbove, offBoth] = [Math.abs(estimate - left), Math.abs(estimate - above), Math.abs(estimate - aboveLeft)];
  if (offLeft <= offAbove && offLeft <= offBoth) return left;
  return offAbove <= offBoth ? above : aboveLeft;
}
