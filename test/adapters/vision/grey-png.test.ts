import assert from 'node:assert/strict';
import sharp from 'sharp';
import { decodeGreyPng, encodeGreyPng } from '../../../adapters/vision/grey-png.ts';
import { isFailure } from '../../../domain/failure.ts';
import { IMAGE_PIXELS } from '../../../domain/image-transform.ts';

const PIXELS = Uint8Array.from({ length: IMAGE_PIXELS }, (_, index) => (index * 37) % 256);

describe('grey PNG', () => {
  it('keeps every pixel', async () => {
    assert.deepEqual(await decodeGreyPng(await encodeGreyPng(PIXELS)), PIXELS);
  });

  it('is an 8-bit grey PNG without anything beside its pixels', async () => {
    const { format, channels, depth, width, height, exif, icc } = await sharp(await encodeGreyPng(PIXELS)).metadata();
    assert.deepEqual({ format, channels, depth, width, height, exif, icc }, {
      format: 'png', channels: 1, depth: 'uchar', width: 48, height: 48, exif: undefined, icc: undefined,
    });
  });

  it('has the same bytes each time', async () => {
    const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => encodeGreyPng(PIXELS)));
    for (const other of others) assert.deepEqual(other, first);
  });

  it('does not take an image of another size', async () => {
    await assert.rejects(encodeGreyPng(new Uint8Array(IMAGE_PIXELS - 1)), RangeError);
  });

  it('refuses stored bytes that are no such PNG', async () => {
    const tooSmall = await sharp({ create: { width: 47, height: 48, channels: 3, background: 'red' } }).png().toBuffer();
    for (const bytes of [Buffer.from('tar'), Buffer.alloc(0), tooSmall, (await encodeGreyPng(PIXELS)).subarray(0, 200)]) {
      await assert.rejects(decodeGreyPng(bytes), (error) => isFailure(error, 'data-corrupt'));
    }
  });
});
