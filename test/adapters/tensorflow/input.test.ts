import assert from 'node:assert/strict';
import { normaliseInput, toAveraging } from '../../../adapters/tensorflow/input.ts';
import { tf } from '../../../adapters/tensorflow/runtime.ts';
import { drawFace } from './drawn-faces.ts';

const face = Float32Array.from(drawFace('happy', 1));

function normalised(pixels: Float32Array): Float32Array {
  return tf.tidy(() => normaliseInput(tf.tensor4d(pixels, [1, 48, 48, 1])).dataSync<'float32'>());
}

/** From -1 to 1. */
function toCorrelation(a: Float32Array, b: Float32Array): number {
  const product = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, index) => sum + value * y[index]!, 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

const toPlainly = (pixels: Float32Array): Float32Array => {
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  return pixels.map((value) => value - mean);
};

describe('what happens to pixels before the first layer', () => {
  it('makes nothing of a blank image', () => {
    for (const grey of [0, 128, 255]) for (const value of normalised(new Float32Array(2304).fill(grey))) assert.ok(Math.abs(value) < 1e-3);
  });

  it('undoes how bright an image is and how strong its contrast', () => {
    const [before, after] = [normalised(face), normalised(face.map((value) => 0.3 * value + 100))];
    for (const [index, value] of before.entries()) assert.ok(Math.abs(value - after[index]!) < 0.05, `${value} became ${after[index]}`);
  });

  it('undoes most of a shade over half the face', () => {
    const shaded = face.map((value, index) => value * (0.25 + (0.75 * (index % 48)) / 47));
    assert.ok(toCorrelation(normalised(face), normalised(shaded)) > 0.85);
    assert.ok(toCorrelation(toPlainly(face), toPlainly(shaded)) < 0.6);
  });

  it('averages over what lies within the image', () => {
    const matrix = toAveraging();
    for (let row = 0; row < 48; row += 1) {
      const sum = matrix.subarray(row * 48, (row + 1) * 48).reduce((total, share) => total + share, 0);
      assert.ok(Math.abs(sum - 1) < 1e-5);
    }
    assert.ok(matrix[0]! > matrix[24 * 48 + 24]!, 'at the edge fewer pixels count, each for more');
  });
});
