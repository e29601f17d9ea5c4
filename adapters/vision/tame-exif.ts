import { crc32 } from 'node:zlib';

/**
 * The same image with nothing in its EXIF but which way is up. The library that reads EXIF follows directories that name each
 * other in circles: a file of 3 KB kept it busy for 44 seconds, and no limit of time reaches it there. Nothing else of EXIF is
 * ever used. The file keeps its length; it is copied only where it holds EXIF.
 */
export function tameExif(bytes: Uint8Array, format: string): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format === 'jpeg') return change(file, [...findInJpeg(file)], tame);
  if (format === 'webp') return change(file, [...findInWebp(file)], tame);
  if (format === 'png') {
    return change(file, [...findInPng(file)], (block, copy, { end }) => {
      tame(block);
      copy.writeUInt32BE(crc32(copy.subarray(end - block.length - 4, end)), end);
    });
  }
  // Which way is up is said elsewhere in these: an item of a type that nobody knows is not looked at.
  if (format === 'avif') return change(file, [...findInAvif(file)], (block) => block.write('none', 'latin1'));
  return bytes;
}

/** Of the content. */
interface Place {
  readonly start: number;
  readonly end: number;
}

function change(file: Buffer, places: readonly Place[], rewrite: (block: Buffer, copy: Buffer, place: Place) => void): Uint8Array {
  if (places.length === 0) return file;
  const copy = Buffer.from(file);
  for (const place of places) rewrite(copy.subarray(place.start, place.end), copy, place);
  return copy;
}

/** Wherever such a segment may be: decoders skip garbage between segments, and so must not be left to find more than this does. */
function* findInJpeg(file: Buffer): Generator<Place> {
  for (let at = file.indexOf('Exif', 4, 'latin1'); at !== -1; at = file.indexOf('Exif', at + 4, 'latin1')) {
    const isSegment = file[at - 4] === 0xff && file[at - 3] === 0xe1;
    if (isSegment) yield { start: at, end: Math.min(file.length, Math.max(at, at - 2 + file.readUInt16BE(at - 2))) };
  }
}

function* findInPng(file: Buffer): Generator<Place> {
  for (let at = 8; at + 12 <= file.length; ) {
    const end = at + 8 + file.readUInt32BE(at);
    if (end + 4 > file.length) return;
    if (file.toString('latin1', at + 4, at + 8) === 'eXIf') yield { start: at + 8, end };
    at = end + 4;
  }
}

function* findInWebp(file: Buffer): Generator<Place> {
  for (let at = 12; at + 8 <= file.length; ) {
    const length = file.readUInt32LE(at + 4);
    const start = at + 8;
    if (file.toString('latin1', at, at + 4) === 'EXIF') yield { start, end: Math.min(file.length, start + length) };
    at = start + length + (length % 2);
  }
}

/** Where the types of items are, in all boxes but that of the pixels. */
function* findInAvif(file: Buffer): Generator<Place> {
  for (let at = 0; at + 8 <= file.length; ) {
    const size = file.readUInt32BE(at);
    const long = size === 1 && at + 16 <= file.length ? Number(file.readBigUInt64BE(at + 8)) : size;
    const end = Math.min(file.length, long < 8 ? file.length : at + long);
    if (file.toString('latin1', at + 4, at + 8) !== 'mdat') {
      for (let found = file.indexOf('Exif', at, 'latin1'); found !== -1 && found + 4 <= end; found = file.indexOf('Exif', found + 4, 'latin1')) {
        yield { start: found, end: found + 4 };
      }
    }
    at = end;
  }
}

const HEADER = 'Exif\0\0';
const ORIENTATION = 0x0112;
const ENTRY_BYTES = 12;
/** Of one directory of one entry, and what stands before it. */
const TAMED_BYTES = 8 + 2 + ENTRY_BYTES + 4;
const SHORT = 3;

/** Leaves the orientation, where there is a sound one, and zeros. */
function tame(block: Buffer): void {
  const hasHeader = block.toString('latin1', 0, HEADER.length) === HEADER;
  const tiff = hasHeader ? block.subarray(HEADER.length) : block;
  const orientation = readOrientation(tiff);
  block.fill(0);
  if (hasHeader) block.write(HEADER, 'latin1');
  if (orientation === null || tiff.length < TAMED_BYTES) return;
  tiff.write('II*\0\x08\0\0\0\x01\0', 'latin1');
  tiff.writeUInt16LE(ORIENTATION, 10);
  tiff.writeUInt16LE(SHORT, 12);
  tiff.writeUInt32LE(1, 14);
  tiff.writeUInt16LE(orientation, 18);
}

/** Of the first directory; null where it says none that there is. */
function readOrientation(tiff: Buffer): number | null {
  if (tiff.length < TAMED_BYTES) return null;
  const order = tiff.toString('latin1', 0, 2);
  if (order !== 'II' && order !== 'MM') return null;
  const read16 = (at: number) => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const read32 = (at: number) => (order === 'II' ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const directory = read32(4);
  if (directory + 2 > tiff.length) return null;
  const entries = read16(directory);
  for (let index = 0, at = directory + 2; index < entries && at + ENTRY_BYTES <= tiff.length; index += 1, at += ENTRY_BYTES) {
    if (read16(at) !== ORIENTATION || read16(at + 2) !== SHORT || read32(at + 4) !== 1) continue;
    const orientation = read16(at + 8);
    return orientation >= 1 && orientation <= 8 ? orientation : null;
  }
  return null;
}
