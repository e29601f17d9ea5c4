import assert from 'node:assert/strict';
import sharp from 'sharp';
import { renderContactSheet } from '../../../adapters/vision/contact-sheet.ts';
import type { Emotion } from '../../../domain/emotion.ts';
import { EMOTIONS } from '../../../domain/emotion.ts';
import { IMAGE_PIXELS } from '../../../domain/image-transform.ts';

const sample = (label: Emotion, grey: number) => ({ label, pixels: new Uint8Array(IMAGE_PIXELS).fill(grey) });

describe('contact sheet', () => {
  it('shows every sample with its very pixels', async () => {
    const samples = EMOTIONS.flatMap((label, index) => [sample(label, 10 + index), sample(label, 20 + index), sample(label, 30 + index)]);
    const sheet = await renderContactSheet(samples, { title: 'Test', columns: 2 });
    const { data, info } = await sharp(sheet).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
    const counts = new Map<number, number>();
    for (let at = 0; at < data.length; at += info.channels) counts.set(data[at]!, (counts.get(data[at]!) ?? 0) + 1);
    for (const { pixels } of samples) assert.ok((counts.get(pixels[0]!) ?? 0) >= IMAGE_PIXELS);
  });

  it('grows by a row of tiles for each row that is full', async () => {
    const heightOf = async (count: number): Promise<number> => {
      const samples = Array.from({ length: count }, () => sample('happy', 9));
      return (await sharp(await renderContactSheet(samples, { title: 'Test', columns: 4 })).metadata()).height;
    };
    assert.equal(await heightOf(4), await heightOf(1));
    assert.equal((await heightOf(5)) - (await heightOf(4)), 50);
  });

  it('enlarges tiles when asked to', async () => {
    const { width } = await sharp(await renderContactSheet([sample('sad', 1)], { title: 'Test', columns: 10, tileSide: 96 })).metadata();
    assert.equal(width, 10 * 98 - 2 + 48);
  });

  it('is drawn for samples that arrive one by one, for none at all, and for a title with signs of its own', async () => {
    async function* arriving() {
      yield sample('angry', 1);
    }
    for (const samples of [arriving(), []]) {
      const sheet = await renderContactSheet(samples, { title: '<script> & "quotes"' });
      assert.equal((await sharp(sheet).metadata()).format, 'png');
    }
  });

  it('stays within what viewers can open, however many samples there are', async () => {
    const one = sample('happy', 5);
    const many = Array.from({ length: 3_000 }, () => one);
    const { height } = await sharp(await renderContactSheet(many, { title: 'Test', columns: 2 })).metadata();
    assert.ok(height <= 16_000, `${height}`);
  });
});
