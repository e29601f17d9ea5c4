import assert from 'node:assert/strict';
import type { Classifier } from '../../api/load-model.ts';
import { readScene } from '../../api/read-scene.ts';
import type { FaceDetector } from '../../domain/face.ts';
import { toPhoto } from '../support/images.ts';

const SEARCH_MS = 400;
const LIMITS = { maxBytes: 1_000_000, maxPixels: 1_000_000 };

/** Takes its time, and finds nobody. */
const detector: FaceDetector = {
  largestSide: 512,
  detect() {
    const endsAt = performance.now() + SEARCH_MS;
    while (performance.now() < endsAt);
    return Promise.resolve([]);
  },
  close: () => Promise.resolve(),
};

const classifier: Pick<Classifier, 'classify'> = {
  classify: (images) => Promise.resolve(images.map(() => ({ happy: 0.1, sad: 0.1, angry: 0.7, fearful: 0.1 }))),
};

describe('reading a scene', () => {
  it('counts the search for faces among the time to decode, also where it finds none', async () => {
    const { scene, seconds } = await readScene(await toPhoto().png().toBuffer(), { faces: 'auto', tiles: 'never' }, { detector, classifier, imageLimits: LIMITS });
    assert.equal(scene.source, 'whole-image');
    assert.ok(seconds.decode >= SEARCH_MS / 1000, `${seconds.decode} s`);
  });
});
