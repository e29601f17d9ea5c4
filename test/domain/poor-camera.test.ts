import assert from 'node:assert/strict';
import { addNoise, coarsen, dim, sample, smear } from '../../domain/poor-camera.ts';
import { createRandom } from '../../domain/random.ts';
import { IMAGE_PIXELS, IMAGE_SIDE } from '../../domain/image-transform.ts';

/** Black but for one white pixel, in the middle. */
const DOT = new Uint8Array(IMAGE_PIXELS);
const MIDDLE = 24 * IMAGE_SIDE + 24;
DOT[MIDDLE] = 255;
const GREY = new Uint8Array(IMAGE_PIXELS).fill(120);

function toSpread(levels: ArrayLike<number>): { mean: number; deviation: number } {
  const values = Array.from(levels);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
}

describe('a poor camera', () => {
  it('with less light shows that share of it, and noise that grows with its root', () => {
    const [bright, dark] = [dim(GREY, 1, createRandom(1)), dim(GREY, 0.25, createRandom(1))].map(toSpread);
    assert.ok(Math.abs(bright!.mean - 120) < 1, `${bright!.mean}`);
    assert.ok(Math.abs(dark!.mean - 30) < 1, `${dark!.mean}`);
    assert.ok(Math.abs(bright!.deviation - (1 + Math.sqrt(120) / 2)) < 0.3, `${bright!.deviation}`);
    assert.ok(Math.abs(dark!.deviation - (1 + Math.sqrt(30) / 2)) < 0.3, `${dark!.deviation}`);
  });

  it('with noise keeps the brightness', () => {
    const { mean, deviation } = toSpread(addNoise(GREY, 12, createRandom(1)));
    assert.ok(Math.abs(mean - 120) < 1 && Math.abs(deviation - 12) < 0.5, `${mean}, ${deviation}`);
  });

  it('before a head that moves draws it out along a line, and loses no light', () => {
    const levels = Array.from(smear(DOT, 6, createRandom(1)));
    const places = levels.flatMap((level, index) => (level > 0 ? [[index % IMAGE_SIDE - 24, Math.floor(index / IMAGE_SIDE) - 24] as const] : []));
    const reach = Math.max(...places.map(([x, y]) => Math.hypot(x, y)));
    assert.ok(reach > 2 && reach < 4.5, `${reach}`);
    assert.ok(Math.abs(levels.reduce((sum, level) => sum + level, 0) - 255) < 20);
  });

  it('before a head that does not move shows it as it is', () => {
    assert.deepEqual(Uint8Array.from(smear(DOT, 0, createRandom(1))), DOT);
  });

  it('with few pixels averages what each covers', () => {
    assert.deepEqual(Uint8Array.from(coarsen(GREY, 13)), GREY);
    assert.deepEqual(Uint8Array.from(coarsen(DOT, IMAGE_SIDE)), DOT);
    const levels = coarsen(DOT, 12);
    assert.ok(Math.max(...levels) <= 255 / 16 + 1);
    assert.ok(levels[MIDDLE]! > 0 && levels[0] === 0);
  });
});

describe('the level between pixels', () => {
  it('is in proportion to how near they are, and beyond the edge that of the edge', () => {
    assert.equal(sample(DOT, 24, 24), 255);
    assert.equal(sample(DOT, 24.5, 24), 127.5);
    assert.equal(sample(DOT, 24.5, 23.5), 63.75);
    assert.equal(sample(DOT.toReversed(), -5, 60), 0);
    assert.equal(sample(GREY, 60, 60), 120);
  });
});
