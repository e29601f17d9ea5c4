import assert from 'node:assert/strict';
import { toGreyPixels } from '../../adapters/vision/decode.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import { drawGoldenImages } from '../../workers/golden-images.ts';

describe('golden images', () => {
  it('are decoded to the very pixels that the network was asked about', async () => {
    for (const { file, pixels } of await drawGoldenImages()) {
      const decoded = await toGreyPixels(file, { maxBytes: 10_000, maxPixels: 10_000 });
      assert.deepEqual(Buffer.from(decoded.pixels), Buffer.from(pixels));
    }
  });

  it('are one for each expression, the same every time, and small enough for a model card', async () => {
    const [images, again] = [await drawGoldenImages(), await drawGoldenImages()];
    assert.equal(images.length, EMOTIONS.length);
    assert.equal(new Set(images.map(({ file }) => Buffer.from(file).toString('hex'))).size, EMOTIONS.length);
    assert.deepEqual(images, again);
    for (const { file } of images) assert.ok(file.byteLength < 4_000, `${file.byteLength} bytes`);
  });
});
