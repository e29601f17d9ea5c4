import assert from 'node:assert/strict';
import { mixUp } from '../../../adapters/tensorflow/mixup.ts';
import { createRandom } from '../../../domain/random.ts';
import { IMAGE_PIXELS } from '../../../domain/image-transform.ts';

const SIZE = 200;

/** Image n is all n, and so is what is wanted of it. */
const numbered = {
  pixels: Float32Array.from({ length: SIZE * IMAGE_PIXELS }, (_, index) => Math.floor(index / IMAGE_PIXELS)),
  targets: Float32Array.from({ length: SIZE * 4 }, (_, index) => Math.floor(index / 4)),
  size: SIZE,
};

describe('mixup', () => {
  const { pixels, targets, size } = mixUp(numbered, createRandom(1));

  it('blends an image and what is wanted of it by the same share', () => {
    assert.equal(size, SIZE);
    for (let image = 0; image < SIZE; image += 1) {
      const place = (image + 0.5) * IMAGE_PIXELS;
      assert.ok(Math.abs(pixels[place]! - targets[image * 4 + 2]!) < 1e-3);
    }
  });

  it('leaves each image the larger share, and most of them nearly all', () => {
    const partners = Array.from({ length: SIZE - 1 }, (_, image) => targets[image * 4]! - image);
    for (const share of partners) assert.ok(share >= 0 && share <= 0.5 + 1e-4, `${share}`);
    const pure = partners.filter((share) => share < 0.05).length;
    assert.ok(pure > 80 && pure < 180, `${pure}`);
  });

  it('is repeatable', () => {
    assert.deepEqual(mixUp(numbered, createRandom(1)).targets, targets);
  });
});
