import assert from 'node:assert/strict';
import { createRandom } from '../../../domain/random.ts';
import { disturb } from '../../../adapters/vision/disturb.ts';
import { IMAGE_PIXELS, IMAGE_SIDE } from '../../../domain/image-transform.ts';
import type { Condition } from '../../../domain/robustness.ts';
import { DISTURBANCES, SMALL_SIDES, STRENGTHS } from '../../../domain/robustness.ts';
import { drawFace } from '../tensorflow/drawn-faces.ts';

const face = drawFace('fearful', 1);

function change(condition: Condition, seed = 'a seed', pixels = face): Promise<Uint8Array> {
  return disturb(pixels, condition, createRandom(seed));
}

/** How far two pictures differ once brightness and contrast are taken out of both: 0 is the same, 1 is nothing alike. */
function toDistance(a: Uint8Array, b: Uint8Array): number {
  const [x, y] = [a, b].map((pixels) => {
    const mean = pixels.reduce((sum, grey) => sum + grey, 0) / IMAGE_PIXELS;
    const deviation = Math.sqrt(pixels.reduce((sum, grey) => sum + (grey - mean) ** 2, 0) / IMAGE_PIXELS);
    return Array.from(pixels, (grey) => (grey - mean) / deviation);
  }) as [number[], number[]];
  return 1 - x.reduce((sum, value, index) => sum + value * y[index]!, 0) / IMAGE_PIXELS;
}

describe('a disturbance', () => {
  for (const disturbance of DISTURBANCES) {
    it(`of the kind ${disturbance} makes a face worse the stronger it is, the same for the same seed, and leaves the given picture alone`, async () => {
      const untouched = face.slice();
      const distances: number[] = [];
      for (const strength of STRENGTHS) {
        const changed = await change({ disturbance, strength });
        assert.equal(changed.length, IMAGE_PIXELS);
        assert.deepEqual(changed, await change({ disturbance, strength }));
        distances.push(toDistance(face, changed));
      }
      assert.deepEqual(face, untouched);
      assert.ok(distances[0]! > 0);
      assert.deepEqual(distances, distances.toSorted((a, b) => a - b));
    });
  }

  it('that is left to chance differs from seed to seed', async () => {
    const condition = { disturbance: 'noise', strength: 'mild' } as const;
    assert.notDeepEqual(await change(condition), await change(condition, 'another seed'));
  });
});

describe('a small face', () => {
  it('is scaled up to the size of all others, and shows less the smaller it was', async () => {
    const distances = [];
    for (const side of SMALL_SIDES) {
      const changed = await change({ side });
      assert.equal(changed.length, IMAGE_PIXELS);
      distances.push(toDistance(face, changed));
    }
    assert.deepEqual(distances, distances.toSorted((a, b) => a - b));
  });
});

describe('occlusion', () => {
  /** White, so that whatever covers it shows. */
  const blank = new Uint8Array(IMAGE_PIXELS).fill(255);
  const at = (pixels: Uint8Array, x: number, y: number) => pixels[Math.round(y * IMAGE_SIDE) * IMAGE_SIDE + Math.round(x * IMAGE_SIDE)];

  it('by glasses covers the eyes and not the mouth', async () => {
    const dark = await change({ disturbance: 'glasses', strength: 'strong' }, 'a seed', blank);
    assert.deepEqual([at(dark, 0.29, 0.38), at(dark, 0.71, 0.38), at(dark, 0.5, 0.74)], [20, 20, 255]);
    const rims = await change({ disturbance: 'glasses', strength: 'mild' }, 'a seed', blank);
    assert.equal(at(rims, 0.29, 0.38), 255);
  });

  it('by a hand covers the mouth and not the eyes', async () => {
    const half = Uint8Array.from(blank, (_, index) => (index < IMAGE_PIXELS / 2 ? 255 : 55));
    const covered = await change({ disturbance: 'hand', strength: 'strong' }, 'a seed', half);
    assert.deepEqual([at(covered, 0.3, 0.38), at(covered, 0.5, 0.74)], [255, 155]);
  });
});
