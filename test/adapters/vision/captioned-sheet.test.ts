import assert from 'node:assert/strict';
import sharp from 'sharp';
import { renderCaptionedSheet } from '../../../adapters/vision/captioned-sheet.ts';
import { IMAGE_PIXELS } from '../../../domain/image-transform.ts';

const image = (grey: number, ...lines: string[]) => ({ pixels: new Uint8Array(IMAGE_PIXELS).fill(grey), lines });

describe('captioned sheet', () => {
  it('shows every image enlarged, and something written below each', async () => {
    const sheet = await renderCaptionedSheet([image(100, 'sad → happy 97 %', 'sad/1.png'), image(200, '<angry> & co')], 'Mistakes');
    const { data, info } = await sharp(sheet).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
    const greyAt = (x: number, y: number) => data[(y * info.width + x) * info.channels]!;
    assert.equal(greyAt(24 + 72, 56 + 72), 100);
    assert.equal(greyAt(24 + 180 + 72, 56 + 72), 200);
    for (const left of [24, 24 + 180]) {
      const below = Array.from({ length: 100 * 16 }, (_, index) => greyAt(left + (index % 100), 56 + 168 + Math.floor(index / 100)));
      assert.ok(below.some((grey) => grey < 90), `nothing is written below ${left}`);
    }
  });

  it('grows by a row for each eight images, and is drawn for none', async () => {
    const heightOf = async (count: number) => (await sharp(await renderCaptionedSheet(Array.from({ length: count }, () => image(9, 'a', 'b')), 'Test')).metadata()).height;
    assert.equal(await heightOf(8), await heightOf(1));
    assert.equal((await heightOf(9)) - (await heightOf(8)), 168 + 2 * 16 + 12);
    assert.ok((await heightOf(0)) > 0);
  });
});
