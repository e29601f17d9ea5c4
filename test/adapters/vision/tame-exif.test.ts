import assert from 'node:assert/strict';
import sharp from 'sharp';
import { toGreyPixels } from '../../../adapters/vision/decode.ts';
import { tameExif } from '../../../adapters/vision/tame-exif.ts';
import { createDice, drawCircularExif, drawGoodImages, mutate } from '../../support/hostile-images.ts';
import { toPhoto } from '../../support/images.ts';

const SECRET = 'taken by Jane Doe, in her own kitchen';
const FORMATS = ['jpeg', 'png', 'webp', 'avif'] as const;

describe('the EXIF of an image', () => {
  for (const format of FORMATS) {
    it(`keeps nothing in ${format} but which way is up`, async () => {
      for (const orientation of [1, 3, 6, 8]) {
        const bytes = await toPhoto().withExif({ IFD0: { Copyright: SECRET }, IFD2: { UserComment: SECRET } }).withMetadata({ orientation }).toFormat(format).toBuffer();
        assert.ok(bytes.includes('Jane Doe'));
        const before = Buffer.from(bytes);
        const tamed = tameExif(bytes, format);
        assert.deepEqual(bytes, before, 'what was given stays as it is');
        assert.equal(tamed.length, bytes.length);
        const [was, is] = [await sharp(bytes).metadata(), await sharp(tamed).metadata()];
        assert.deepEqual(is.autoOrient, was.autoOrient);
        assert.equal(is.orientation ?? 1, was.orientation ?? 1);
        // In AVIF the item is there, but nobody takes it for EXIF.
        if (format === 'avif') assert.equal(is.exif, undefined);
        else assert.ok(!Buffer.from(tamed).includes('Jane Doe'));
        assert.deepEqual(await sharp(tamed).raw().toBuffer(), await sharp(bytes).raw().toBuffer());
      }
    });
  }

  it('does not keep anybody busy by going round in circles', async () => {
    const jpeg = drawCircularExif(await toPhoto().jpeg().toBuffer());
    const startedAt = performance.now();
    await toGreyPixels(jpeg, { maxBytes: 1e6, maxPixels: 1e6 });
    assert.ok(performance.now() - startedAt < 20_000);
  });

  it('is found behind garbage that decoders skip, behind other EXIF, and where its header is odd', async () => {
    const exif = drawCircularExif(Buffer.from([0xff, 0xd8])).subarray(2);
    const photo = await toPhoto().jpeg().toBuffer();
    const odd = Buffer.from(exif);
    odd.write('Exifxx', 4, 'latin1');
    for (const before of [Buffer.from([0xff]), Buffer.from('garbage'), exif, odd]) {
      const startedAt = performance.now();
      await toGreyPixels(Buffer.concat([photo.subarray(0, 2), before, exif, photo.subarray(2)]), { maxBytes: 1e6, maxPixels: 1e6 }).catch(() => undefined);
      assert.ok(performance.now() - startedAt < 20_000);
    }
  });

  it('is nothing in an image without any: that is not copied', async () => {
    for (const format of [...FORMATS, 'gif'] as const) {
      const bytes = await toPhoto().toFormat(format).toBuffer();
      assert.ok(tameExif(bytes, format).buffer === bytes.buffer, format);
    }
  });

  it('is looked for in anything without going beyond its end', async () => {
    const dice = createDice(7);
    const good = await drawGoodImages();
    for (let times = 0; times < 3_000; times += 1) {
      const { bytes } = mutate(good[times % good.length]!, dice);
      for (const format of FORMATS) assert.equal(tameExif(bytes, format).length, bytes.length);
    }
  });
});
