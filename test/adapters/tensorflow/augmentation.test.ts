import assert from 'node:assert/strict';
import { AUGMENTATION, augment } from '../../../adapters/tensorflow/augmentation.ts';
import { createRandom } from '../../../domain/random.ts';
import { IMAGE_PIXELS } from '../../../domain/image-transform.ts';
import { drawFace } from './drawn-faces.ts';

function augmented(source: Uint8Array, seed: number): Float32Array {
  const target = new Float32Array(IMAGE_PIXELS).fill(Number.NaN);
  augment(source, target, createRandom(seed));
  return target;
}

describe('augmentation', () => {
  const face = drawFace('happy', 1);

  it('writes every pixel, from 0 to 255, and leaves the source alone', () => {
    const before = face.slice();
    for (let seed = 0; seed < 50; seed += 1) {
      for (const value of augmented(face, seed)) assert.ok(value >= 0 && value <= 255, `${value}`);
    }
    assert.deepEqual(face, before);
  });

  it('draws the same from the same random numbers, and something else from others', () => {
    assert.deepEqual(augmented(face, 1), augmented(face, 1));
    assert.notDeepEqual(augmented(face, 1), augmented(face, 2));
  });

  it('keeps an even picture even, unless the camera is short of light or noisy', () => {
    const isEven = ([first, ...others]: Float32Array): boolean => others.every((value) => Math.abs(value - first!) < 1e-3);
    const even = Array.from({ length: 100 }, (_, seed) => augmented(new Uint8Array(IMAGE_PIXELS).fill(90), seed)).filter(isEven);
    const share = (1 - AUGMENTATION.faultProbability) ** 2;
    assert.ok(Math.abs(even.length - 100 * share) < 20, `${even.length} of 100`);
  });

  it('keeps most of a face: on average the picture stays what it was', () => {
    const sum = new Float64Array(IMAGE_PIXELS);
    for (let seed = 0; seed < 200; seed += 1) augmented(face, seed).forEach((value, index) => { sum[index]! += value / 200; });
    const eye = sum[17 * 48 + 16]!;
    const cheek = sum[26 * 48 + 8]!;
    assert.ok(eye < cheek - 20, `eye ${eye}, cheek ${cheek}`);
  });
});
