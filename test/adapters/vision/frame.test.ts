import assert from 'node:assert/strict';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { toGreyPixels } from '../../../adapters/vision/decode.ts';
import type { Frame } from '../../../adapters/vision/frame.ts';
import { withFrame } from '../../../adapters/vision/frame.ts';
import { isFailure } from '../../../domain/failure.ts';
import { toNoise, toPhoto } from '../../support/images.ts';

const LIMITS = { maxBytes: 10_000_000, maxPixels: 50_000_000 };

/** Red on the left, blue on the right. */
function toHalves(width: number, height: number): Sharp {
  const pixels = Buffer.from(Array.from({ length: width * height }, (_, at) => (at % width < width / 2 ? [255, 0, 0] : [0, 0, 255])).flat());
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

async function toColour(frame: Frame, area: { x: number; y: number; width: number; height: number }): Promise<number[]> {
  return [...(await frame.toPicture(area, { width: 1, height: 1 })).pixels];
}

describe('a frame', () => {
  it('gives parts of the image in the size that is asked for', async () => {
    await withFrame(await toHalves(100, 40).png().toBuffer(), LIMITS, async (frame) => {
      assert.deepEqual({ width: frame.width, height: frame.height, format: frame.format }, { width: 100, height: 40, format: 'png' });
      assert.deepEqual(await toColour(frame, { x: 0, y: 0, width: 40, height: 40 }), [255, 0, 0]);
      assert.deepEqual(await toColour(frame, { x: 60, y: 0, width: 40, height: 40 }), [0, 0, 255]);
      const { width, height, pixels } = await frame.toPicture({ x: 0, y: 0, width: 100, height: 40 }, { width: 50, height: 20 });
      assert.deepEqual([width, height, pixels.length], [50, 20, 3000]);
    });
  });

  it('is upright, whatever way the camera was held', async () => {
    // Where the red half, on the left of the file, is seen: the left, right, right, left, top, top, bottom and bottom of the image.
    const places = [[0, 0], [60, 0], [60, 0], [0, 0], [0, 0], [0, 0], [0, 60], [0, 60]] as const;
    for (const [index, [x, y]] of places.entries()) {
      const file = await toHalves(100, 40).withMetadata({ orientation: index + 1 }).png().toBuffer();
      await withFrame(file, LIMITS, async (frame) => {
        assert.deepEqual([frame.width, frame.height], index < 4 ? [100, 40] : [40, 100]);
        assert.deepEqual(await toColour(frame, { x, y, width: 40, height: 40 }), [255, 0, 0], `orientation ${index + 1}`);
      });
    }
  });

  it('is in colour, even of grey, 16-bit, CMYK and transparent images', async () => {
    const files = [
      await toPhoto().greyscale().png().toBuffer(),
      await toPhoto().toColourspace('rgb16').png().toBuffer(),
      await toPhoto().toColourspace('cmyk').jpeg().toBuffer(),
      await toPhoto().ensureAlpha(0.5).png().toBuffer(),
    ];
    for (const file of files) {
      await withFrame(file, LIMITS, async (frame) => {
        const { pixels } = await frame.toPicture({ x: 0, y: 0, width: 120, height: 80 }, { width: 30, height: 20 });
        assert.equal(pixels.length, 30 * 20 * 3);
      });
    }
  });

  it('makes of the whole of a square image, to the pixel, what the training makes of it', async () => {
    for (const side of [20, 48, 100, 333]) {
      const file = await toPhoto({ width: side, height: side }).png().toBuffer();
      const cut = await withFrame(file, LIMITS, (frame) => frame.toGreyPixels({ x: 0, y: 0, width: side, height: side }));
      assert.deepEqual(cut, (await toGreyPixels(file, LIMITS)).pixels, `${side}`);
    }
  });

  it('makes of a part what the training makes of a file of that part', async () => {
    const area = { x: 30, y: 7, width: 61, height: 61 };
    const photo = await toPhoto().png().toBuffer();
    const file = await sharp(photo).extract({ left: area.x, top: area.y, width: area.width, height: area.height }).png().toBuffer();
    assert.deepEqual(await withFrame(photo, LIMITS, (frame) => frame.toGreyPixels(area)), (await toGreyPixels(file, LIMITS)).pixels);
  });

  it('moves a square inside that reaches over an edge, and shrinks one that is too large', async () => {
    await withFrame(await toHalves(100, 40).png().toBuffer(), LIMITS, async (frame) => {
      const at = (x: number, side: number) => frame.toGreyPixels({ x, y: -side, width: side, height: side });
      const [left, right] = [await at(-30, 20), await at(110, 20)];
      assert.ok(new Set(left).size === 1 && new Set(right).size === 1, 'each of one colour');
      assert.notEqual(left[0], right[0]);
      assert.ok(new Set(await at(-450, 1000)).size > 1, 'of both: the middle of the whole');
    });
  });

  it('repeats the edges in a square that reaches over them, and leaves what is inside at its place', async () => {
    await withFrame(await toHalves(20, 40).png().toBuffer(), LIMITS, async (frame) => {
      const square = { x: -12, y: 30, width: 40, height: 40 };
      const { width, height, pixels } = await frame.toSquarePicture(square, 80);
      assert.deepEqual([width, height, pixels.length], [80, 80, 80 * 80 * 3]);
      const toTone = (x: number, y: number) => [...pixels.subarray(3 * (y * 80 + x), 3 * (y * 80 + x) + 3)];
      // The colours meet at 10 in the image, and so at 22 of 40 in the square.
      for (const y of [0, 40, 79]) {
        for (const x of [0, 20, 40]) assert.deepEqual(toTone(x, y), [255, 0, 0], `${x}, ${y}`);
        for (const x of [48, 60, 79]) assert.deepEqual(toTone(x, y), [0, 0, 255], `${x}, ${y}`);
      }
      for (const [x, y] of [[-39.9, 0], [19.9, 39.9], [-500, 0], [500, 500]] as const) {
        assert.equal((await frame.toSquarePicture({ ...square, x, y }, 112)).pixels.length, 112 * 112 * 3);
      }
    });
  });

  it('of a huge image is scaled down, and keeps speaking of the image in its own pixels', async () => {
    await withFrame(await toHalves(60, 30).resize(6000, 3000, { kernel: 'nearest' }).jpeg().toBuffer(), LIMITS, async (frame) => {
      assert.deepEqual([frame.width, frame.height], [6000, 3000]);
      assert.deepEqual((await toColour(frame, { x: 4000, y: 1000, width: 1000, height: 1000 })).map((tone) => Math.round(tone / 255)), [0, 0, 1]);
    });
  });

  it('takes one pixel, and one that is long and thin', async () => {
    for (const [width, height] of [[1, 1], [1, 3000], [3000, 1]] as const) {
      const file = await sharp({ create: { width, height, channels: 3, background: 'red' } }).png().toBuffer();
      await withFrame(file, LIMITS, async (frame) => {
        assert.deepEqual(await toColour(frame, { x: 0, y: 0, width, height }), [255, 0, 0]);
        assert.equal((await frame.toGreyPixels({ x: 0, y: 0, width: 50, height: 50 })).length, 48 * 48);
      });
    }
  });

  it('of a damaged or too large image is none, and the work never begins', async () => {
    const work = () => assert.fail('began');
    const file = await toNoise(200).jpeg().toBuffer();
    await assert.rejects(withFrame(file.subarray(0, file.length / 2), LIMITS, work), (error) => isFailure(error, 'image-unreadable'));
    await assert.rejects(withFrame(file, { ...LIMITS, maxPixels: 39_999 }, work), (error) => isFailure(error, 'image-too-large'));
    await assert.rejects(withFrame(Buffer.from('no image'), LIMITS, work), (error) => isFailure(error, 'image-unsupported'));
  });
});
