import assert from 'node:assert/strict';
import type { Box } from '../../domain/face.ts';
import { toFaceFlaws, toSharpness } from '../../domain/face-quality.ts';
import type { GreyPixels } from '../../domain/image-transform.ts';
import { IMAGE_SIDE } from '../../domain/image-transform.ts';

const IMAGE = { width: 640, height: 480 };
const GOOD = { x: 200, y: 100, width: 80, height: 100 };

function draw(toTone: (x: number, y: number) => number): GreyPixels {
  return Uint8Array.from({ length: IMAGE_SIDE ** 2 }, (_, at) => toTone(at % IMAGE_SIDE, Math.floor(at / IMAGE_SIDE)));
}

/** Edges every few pixels, as eyes and mouths are; and the same out of focus. */
const sharp = draw((x, y) => 128 + 90 * Math.sign(Math.sin(x) + Math.cos(y / 2)));
const blurred = draw((x, y) => 128 + 90 * Math.sin(x / 9) * Math.cos(y / 9));

function toFlaws(box: Box, pixels: GreyPixels, turn: number | null = 0) {
  return toFaceFlaws({ box, image: IMAGE, pixels, turn });
}

describe("a face's quality", () => {
  it('has nothing to say of a good one', () => {
    assert.deepEqual(toFlaws(GOOD, sharp), []);
  });

  it('names one that is fewer than 24 pixels high', () => {
    assert.deepEqual(toFlaws({ ...GOOD, height: 23.9 }, sharp), ['small']);
    assert.deepEqual(toFlaws({ ...GOOD, height: 24 }, sharp), []);
  });

  it('names one that is out of focus', () => {
    assert.deepEqual(toFlaws(GOOD, blurred), ['blurred']);
  });

  it('names one that looks to either side, not one that hardly does or of which nobody knows', () => {
    for (const turn of [0.36, -0.36, 1, -1]) assert.deepEqual(toFlaws(GOOD, sharp, turn), ['turned']);
    for (const turn of [0.34, -0.34, 0, null]) assert.deepEqual(toFlaws(GOOD, sharp, turn), []);
  });

  it('names one that goes on outside the image, at any edge', () => {
    const { width, height } = GOOD;
    for (const box of [{ ...GOOD, x: -30 }, { ...GOOD, y: -30 }, { ...GOOD, x: IMAGE.width - width + 30 }, { ...GOOD, y: IMAGE.height - height + 30 }]) {
      assert.deepEqual(toFlaws(box, sharp), ['cut-off']);
    }
    assert.deepEqual(toFlaws({ ...GOOD, x: 0, y: 0 }, sharp), [], 'at the edge is not outside');
  });

  it('names all that there is', () => {
    assert.deepEqual(toFlaws({ x: -5, y: 4, width: 16, height: 20 }, blurred, 0.5), ['small', 'blurred', 'turned', 'cut-off']);
  });
});

describe('sharpness', () => {
  it('is the same in dark and bright, flat and contrasty light', () => {
    const dark = sharp.map((tone) => 20 + (tone - 38) / 4);
    assert.ok(Math.abs(toSharpness(dark) / toSharpness(sharp) - 1) < 0.05);
  });

  it('falls with every loss of focus', () => {
    const values = [0.5, 1, 2, 4, 8].map((scale) => toSharpness(draw((x, y) => 128 + 90 * Math.sin(x / scale) * Math.sin(y / scale))));
    assert.deepEqual(values, values.toSorted((a, b) => b - a));
  });

  it('of a single tone is none', () => {
    assert.equal(toSharpness(draw(() => 128)), 0);
  });
});
