import assert from 'node:assert/strict';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { toGreyPixels } from '../../../adapters/vision/decode.ts';
import { decodeGreyPng, encodeGreyPng } from '../../../adapters/vision/grey-png.ts';
import type { FailureKind } from '../../../domain/failure.ts';
import { isFailure } from '../../../domain/failure.ts';
import { IMAGE_PIXELS, IMAGE_SIDE } from '../../../domain/image-transform.ts';
import { toNoise, toPhoto, toPngBomb } from '../../support/images.ts';

const LIMITS = { maxBytes: 10_000_000, maxPixels: 50_000_000 };

describe('toGreyPixels', () => {
  describe('reads', () => {
    const files: Record<string, () => Promise<Uint8Array>> = {
      jpeg: () => toPhoto().jpeg({ quality: 95 }).toBuffer(),
      png: () => toPhoto().png().toBuffer(),
      webp: () => toPhoto().webp({ quality: 95 }).toBuffer(),
      gif: () => toPhoto().gif().toBuffer(),
      avif: () => toPhoto().avif({ quality: 90 }).toBuffer(),
    };

    for (const [format, make] of Object.entries(files)) {
      it(`${format}, and sees the same as in the pixels themselves`, async () => {
        const truth = await toGreyPixels(await toPhoto().png().toBuffer(), LIMITS);
        const image = await toGreyPixels(await make(), LIMITS);
        assert.equal(image.format, format);
        assert.equal(image.pixels.length, IMAGE_PIXELS);
        assert.deepEqual([image.width, image.height], [120, 80]);
        assert.ok(toMeanDifference(image.pixels, truth.pixels) < 4);
      });
    }

    it('a progressive JPEG', async () => {
      await assertLooksLike(await toPhoto().jpeg({ progressive: true, quality: 95 }).toBuffer());
    });

    it('a CMYK JPEG', async () => {
      await assertLooksLike(await toPhoto().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(), 12);
    });

    it('a 16-bit PNG', async () => {
      await assertLooksLike(await toPhoto().toColourspace('rgb16').png().toBuffer());
    });

    it('a PNG with a palette', async () => {
      await assertLooksLike(await toPhoto().png({ palette: true }).toBuffer(), 6);
    });

    it('a single pixel', async () => {
      const { pixels, width, height } = await toGreyPixels(await toFlat({ width: 1, height: 1, grey: 77 }), LIMITS);
      assert.deepEqual([width, height], [1, 1]);
      assert.deepEqual(new Set(pixels), new Set([77]));
    });

    it('an image as large as allowed', async () => {
      const { width, height } = await toGreyPixels(toPngBomb(10_000, 5_000), LIMITS);
      assert.equal(width * height, LIMITS.maxPixels);
    });

    it('a very narrow image', async () => {
      const { pixels } = await toGreyPixels(await toFlat({ width: 4000, height: 1, grey: 50 }), LIMITS);
      assert.deepEqual(new Set(pixels), new Set([50]));
    });

    it('bytes that lie in the middle of a larger buffer', async () => {
      const png = await toPhoto().png().toBuffer();
      const larger = Buffer.concat([Buffer.alloc(100, 1), png, Buffer.alloc(100, 2)]);
      const inside = new Uint8Array(larger.buffer, larger.byteOffset + 100, png.length);
      assert.deepEqual(await toGreyPixels(inside, LIMITS), await toGreyPixels(png, LIMITS));
    });
  });

  describe('sees an image as a person does:', () => {
    it('turned and mirrored as each of the eight EXIF orientations says', async () => {
      const upright = await toPhoto({ width: 96, height: 48 }).png().toBuffer();
      const truth = await toGreyPixels(upright, LIMITS);
      // How the sensor held the picture, so that applying the orientation makes it upright again.
      const asStored: Record<number, (image: Sharp) => Sharp> = {
        1: (image) => image,
        2: (image) => image.flop(),
        3: (image) => image.rotate(180),
        4: (image) => image.flip(),
        5: (image) => image.flop().rotate(270),
        6: (image) => image.rotate(270),
        7: (image) => image.flop().rotate(90),
        8: (image) => image.rotate(90),
      };
      for (const [orientation, store] of Object.entries(asStored)) {
        const stored = await store(sharp(upright)).png().toBuffer();
        const file = await sharp(stored).withMetadata({ orientation: Number(orientation) }).png().toBuffer();
        const image = await toGreyPixels(file, LIMITS);
        assert.deepEqual([image.width, image.height], [96, 48], `orientation ${orientation}`);
        assert.ok(toMeanDifference(image.pixels, truth.pixels) < 1, `orientation ${orientation}`);
      }
    });

    it('transparent places mid grey, half transparent ones half so', async () => {
      const clear = { create: { width: 60, height: 60, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } } as const;
      const { pixels } = await toGreyPixels(await sharp(clear).png().toBuffer(), LIMITS);
      assert.deepEqual(new Set(pixels), new Set([128]));
      const half = { create: { ...clear.create, background: { r: 255, g: 255, b: 255, alpha: 0.5 } } };
      const [grey] = (await toGreyPixels(await sharp(half).webp({ lossless: true }).toBuffer(), LIMITS)).pixels;
      assert.ok(Math.abs(grey! - 191) <= 2);
    });

    it('of a wide or a high image the middle', async () => {
      const parts = [10, 200, 90];
      for (const isWide of [true, false]) {
        const pixels = Buffer.alloc(180 * 60);
        for (let index = 0; index < pixels.length; index += 1) {
          const along = isWide ? index % 180 : Math.floor(index / 60);
          pixels[index] = parts[Math.floor(along / 60)]!;
        }
        const size = isWide ? { width: 180, height: 60 } : { width: 60, height: 180 };
        const file = await sharp(pixels, { raw: { ...size, channels: 1 } }).toColourspace('b-w').png().toBuffer();
        const seen = (await toGreyPixels(file, LIMITS)).pixels;
        assert.equal(seen[24 * IMAGE_SIDE + 24], 200);
        assert.ok(seen.every((value, index) => value === 200 || isEdge(index, isWide)));
      }
    });

    it('of an animation the first frame', async () => {
      const frames = await Promise.all([30, 220].map((grey) => toFlat({ width: 50, height: 50, grey })));
      for (const format of ['gif', 'webp'] as const) {
        const animation = sharp(frames, { join: { animated: true } });
        const file = await (format === 'gif' ? animation.gif() : animation.webp({ lossless: true })).toBuffer();
        assert.equal((await sharp(file).metadata()).pages, 2);
        const { pixels, height } = await toGreyPixels(file, LIMITS);
        assert.equal(height, 50);
        assert.deepEqual(new Set(pixels), new Set([30]));
      }
    });
  });

  describe('serves training and prediction alike:', () => {
    it('a sample read back from a shard has exactly the pixels of the image', async () => {
      for (const make of [toPhoto().jpeg(), toNoise(300).webp(), toNoise(48).png()]) {
        const { pixels } = await toGreyPixels(await make.toBuffer(), LIMITS);
        assert.deepEqual(await decodeGreyPng(await encodeGreyPng(pixels)), pixels);
      }
    });

    it('a sample sent as an image itself is left as it is', async () => {
      const { pixels } = await toGreyPixels(await toNoise(100).png().toBuffer(), LIMITS);
      assert.deepEqual((await toGreyPixels(await encodeGreyPng(pixels), LIMITS)).pixels, pixels);
    });
  });

  describe('refuses', () => {
    const noise = toNoise(300);
    const files: { name: string; kind: FailureKind; make: () => Uint8Array | Promise<Uint8Array> }[] = [
      { name: 'an empty file', kind: 'image-unreadable', make: () => Buffer.alloc(0) },
      { name: 'text', kind: 'image-unsupported', make: () => Buffer.from('Please find my photo attached.') },
      { name: 'SVG', kind: 'image-unsupported', make: () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>') },
      { name: 'SVG behind an XML declaration', kind: 'image-unsupported', make: () => Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>') },
      { name: 'PDF', kind: 'image-unsupported', make: () => Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n') },
      { name: 'TIFF', kind: 'image-unsupported', make: () => toPhoto().tiff().toBuffer() },
      { name: 'a HEIC file by its brand', kind: 'image-unsupported', make: () => toFtyp('heic') },
      { name: 'a zip archive', kind: 'image-unsupported', make: () => Buffer.from('PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') },
      { name: 'half a JPEG', kind: 'image-unreadable', make: async () => half(await noise.clone().jpeg().toBuffer()) },
      { name: 'half a progressive JPEG', kind: 'image-unreadable', make: async () => half(await noise.clone().jpeg({ progressive: true }).toBuffer()) },
      { name: 'half a PNG', kind: 'image-unreadable', make: async () => half(await noise.clone().png().toBuffer()) },
      { name: 'half a WebP', kind: 'image-unreadable', make: async () => half(await noise.clone().webp().toBuffer()) },
      { name: 'half a GIF', kind: 'image-unreadable', make: async () => half(await noise.clone().gif().toBuffer()) },
      { name: 'half an AVIF', kind: 'image-unreadable', make: async () => half(await noise.clone().avif().toBuffer()) },
      { name: 'a PNG signature and nothing more', kind: 'image-unreadable', make: () => toPngBomb(1, 1).subarray(0, 8) },
      { name: 'a JPEG signature and nothing more', kind: 'image-unreadable', make: () => Buffer.from([0xff, 0xd8, 0xff]) },
      { name: 'a PNG with damaged pixels', kind: 'image-unreadable', make: async () => scratch(await noise.clone().png().toBuffer()) },
      { name: 'an AVIF brand on something else', kind: 'image-unreadable', make: () => toFtyp('avif') },
      { name: 'a script behind a GIF signature', kind: 'image-unreadable', make: () => Buffer.from('GIF89a/*<svg onload=alert(1)>*/=1;alert(1)') },
      { name: 'a file with too many bytes', kind: 'image-too-large', make: () => Buffer.alloc(LIMITS.maxBytes + 1) },
      { name: 'one column of pixels too many', kind: 'image-too-large', make: () => toPngBomb(5_000, 10_001) },
    ];

    for (const { name, kind, make } of files) {
      it(`${name} as ${kind}`, async () => {
        const bytes = await make();
        await assert.rejects(toGreyPixels(bytes, LIMITS), (error) => isFailure(error, kind));
      });
    }

    it('a 30000 x 30000 PNG of some kilobytes by its header, without decoding it', async () => {
      const bomb = toPngBomb(30_000, 30_000);
      assert.ok(bomb.length < 120_000);
      const before = process.memoryUsage.rss();
      const startedAt = performance.now();
      for (let count = 0; count < 20; count += 1) {
        await assert.rejects(toGreyPixels(bomb, LIMITS), (error) => isFailure(error, 'image-too-large'));
      }
      assert.ok(performance.now() - startedAt < 20_000);
      assert.ok(process.memoryUsage.rss() - before < 50 * 1024 * 1024);
    });

    it('an AVIF of more than a quarter of the pixels that others may have, for it takes that much more to decode', async () => {
      const limits = { ...LIMITS, maxPixels: 40_000 };
      const [fits, larger] = await Promise.all([100, 101].map((side) => toNoise(side).avif().toBuffer()));
      assert.equal((await toGreyPixels(fits!, limits)).width, 100);
      await assert.rejects(toGreyPixels(larger!, limits), (error) => isFailure(error, 'image-too-large'));
    });

    it('without a word of the image library', async () => {
      const bytes = half(await noise.clone().jpeg().toBuffer());
      await assert.rejects(toGreyPixels(bytes, LIMITS), { message: 'The image is damaged or cut short.' });
    });
  });
});

async function assertLooksLike(file: Uint8Array, tolerance = 4): Promise<void> {
  const truth = await toGreyPixels(await toPhoto().png().toBuffer(), LIMITS);
  const image = await toGreyPixels(file, LIMITS);
  const difference = toMeanDifference(image.pixels, truth.pixels);
  assert.ok(difference < tolerance, `differs by ${difference} on average`);
}

function toMeanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, index) => sum + Math.abs(value - b[index]!), 0) / a.length;
}

function toFlat({ width, height, grey }: { width: number; height: number; grey: number }): Promise<Uint8Array> {
  return sharp({ create: { width, height, channels: 3, background: { r: grey, g: grey, b: grey } } }).png().toBuffer();
}

/** Where resampling mixes in what lies beside the crop. */
function isEdge(index: number, isWide: boolean): boolean {
  const along = isWide ? index % IMAGE_SIDE : Math.floor(index / IMAGE_SIDE);
  return along < 3 || along >= IMAGE_SIDE - 3;
}

function half(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.length / 2);
}

function scratch(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.fill(0xaa, copy.length / 2, copy.length / 2 + 200);
  return copy;
}

/** The first box of a file of the ISO media family, and nothing that it announces. */
function toFtyp(brand: string): Uint8Array {
  return Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from(`ftyp${brand}\0\0\0\0mif1${brand}`), Buffer.alloc(40)]);
}
