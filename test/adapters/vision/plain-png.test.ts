import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { encodeGreyPng } from '../../../adapters/vision/grey-png.ts';
import { readPlainPng } from '../../../adapters/vision/plain-png.ts';
import { toChunk, toPhoto } from '../../support/images.ts';

const SIDE = 48;
/** Smooth in places and rough in others, with every value. */
const PIXELS = Uint8Array.from({ length: SIDE * SIDE }, (_, index) => (index % 3 === 0 ? (index * 7919) % 256 : (index >> 3) % 256));
const FILTERS = [0, 1, 2, 3, 4];
const HEADER = Buffer.from([0, 0, 0, SIDE, 0, 0, 0, SIDE, 8, 0, 0, 0, 0]);

function toFile(...chunks: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...chunks]);
}

/** PIXELS as rows of a PNG, each with the filter that its number gives. */
function toRows(filterOf: (row: number) => number): Buffer {
  const at = (row: number, column: number): number => (row < 0 || column < 0 ? 0 : PIXELS[row * SIDE + column]!);
  function toDifference(filter: number, row: number, column: number): number {
    const [left, above, aboveLeft] = [at(row, column - 1), at(row - 1, column), at(row - 1, column - 1)];
    const nearest = [left, above, aboveLeft].toSorted((a, b) => Math.abs(left + above - aboveLeft - a) - Math.abs(left + above - aboveLeft - b))[0]!;
    const guess = [0, left, above, Math.floor((left + above) / 2), nearest][filter]!;
    return at(row, column) - guess;
  }
  return Buffer.concat(
    Array.from({ length: SIDE }, (_, row) => {
      const filter = filterOf(row);
      return Buffer.from([filter, ...Array.from({ length: SIDE }, (_, column) => toDifference(filter, row, column) & 255)]);
    }),
  );
}

const packed = deflateSync(toRows((row) => FILTERS[row % FILTERS.length]!));
const END = toChunk('IEND', Buffer.alloc(0));

function toPlain({ header = HEADER, between = [], pixels = packed }: { header?: Buffer; between?: readonly Buffer[]; pixels?: Buffer } = {}): Buffer {
  return toFile(toChunk('IHDR', header), ...between, toChunk('IDAT', pixels), END);
}

async function readWithSharp(file: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await sharp(file).toColourspace('b-w').raw({ depth: 'uchar' }).toBuffer());
}

describe('readPlainPng', () => {
  for (const filter of FILTERS) {
    it(`reads rows with the filter ${filter} as the image library does`, async () => {
      const file = toPlain({ pixels: deflateSync(toRows(() => filter)) });
      assert.deepEqual(readPlainPng(file), PIXELS);
      assert.deepEqual(await readWithSharp(file), PIXELS);
    });
  }

  it('reads what this project and the image library write', async () => {
    assert.deepEqual(readPlainPng(await encodeGreyPng(PIXELS)), PIXELS);
    const image = sharp(PIXELS, { raw: { width: SIDE, height: SIDE, channels: 1 } }).toColourspace('b-w');
    assert.deepEqual(readPlainPng(await image.png({ adaptiveFiltering: true }).toBuffer()), PIXELS);
  });

  it('reads pixels in several pieces, in the middle of a larger buffer, with a size on paper', () => {
    const pieces = [packed.subarray(0, 7), packed.subarray(7, 7), packed.subarray(7)].map((piece) => toChunk('IDAT', piece));
    const file = toFile(toChunk('IHDR', HEADER), toChunk('pHYs', Buffer.from([0, 0, 11, 19, 0, 0, 11, 19, 1])), ...pieces, END);
    const larger = Buffer.concat([Buffer.alloc(100, 1), file, Buffer.alloc(100, 2)]);
    assert.deepEqual(readPlainPng(new Uint8Array(larger.buffer, larger.byteOffset + 100, file.length)), PIXELS);
  });

  it('leaves to others what is not the network\'s input as it stands', async () => {
    const others: Record<string, Uint8Array> = {
      'another size': toPlain({ header: Buffer.from([0, 0, 0, SIDE, 0, 0, 0, 47, 8, 0, 0, 0, 0]) }),
      'four bits': toPlain({ header: Buffer.from([0, 0, 0, SIDE, 0, 0, 0, SIDE, 4, 0, 0, 0, 0]) }),
      colour: toPlain({ header: Buffer.from([0, 0, 0, SIDE, 0, 0, 0, SIDE, 8, 2, 0, 0, 0]) }),
      interlaced: toPlain({ header: Buffer.from([0, 0, 0, SIDE, 0, 0, 0, SIDE, 8, 0, 0, 0, 1]) }),
      'a transparent grey': toPlain({ between: [toChunk('tRNS', Buffer.from([0, 7]))] }),
      'a profile of colours': toPlain({ between: [toChunk('iCCP', Buffer.from('x'))] }),
      orientation: toPlain({ between: [toChunk('eXIf', Buffer.from('II*\0'))] }),
      'a photo': await toPhoto().png().toBuffer(),
      'a JPEG': await toPhoto({ width: SIDE, height: SIDE }).jpeg().toBuffer(),
      nothing: new Uint8Array(0),
    };
    for (const [name, file] of Object.entries(others)) assert.equal(readPlainPng(file), null, name);
  });

  it('leaves to others what is damaged', () => {
    const file = toPlain();
    const damaged = Buffer.from(file);
    damaged[file.length - 40]! ^= 1;
    const wrongFilter = Buffer.from(toRows(() => 0));
    wrongFilter[49 * 5] = 5;
    const others: Record<string, Uint8Array> = {
      'a bit turned': damaged,
      'cut short': file.subarray(0, file.length - 20),
      'without an end': file.subarray(0, file.length - 12),
      'no header': toFile(toChunk('IDAT', packed), END),
      'no pixels': toFile(toChunk('IHDR', HEADER), END),
      'a filter that there is not': toPlain({ pixels: deflateSync(wrongFilter) }),
      'too few rows': toPlain({ pixels: deflateSync(toRows(() => 0).subarray(49)) }),
      'more rows than fit': toPlain({ pixels: deflateSync(Buffer.alloc(1_000_000)) }),
      'pixels that are not packed': toPlain({ pixels: Buffer.alloc(1_000, 7) }),
    };
    for (const [name, bytes] of Object.entries(others)) assert.equal(readPlainPng(bytes), null, name);
  });

  it('is not tried on long files', () => {
    assert.equal(readPlainPng(toPlain({ between: [toChunk('pHYs', Buffer.alloc(10_000))] })), null);
  });
});
