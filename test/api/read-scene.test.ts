import assert from 'node:assert/strict';
import type { Classifier } from '../../api/load-model.ts';
import { readScene } from '../../api/read-scene.ts';
import type { FaceDetector } from '../../domain/face.ts';
import { toPhoto } from '../support/images.ts';
import { fakeLandmarks } from '../support/landmarks.ts';

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
    const { scene, seconds } = await readScene(await toPhoto().png().toBuffer(), { faces: 'auto', tiles: 'never' }, { detector, landmarks: fakeLandmarks(), classifier, uncertainBelow: 0, imageLimits: LIMITS });
    assert.equal(scene.source, 'whole-image');
    assert.ok(seconds.decode >= SEARCH_MS / 1000, `${seconds.decode} s`);
  });
});

describe('the staff areas of a scene', () => {
  /** At these places of the picture, in shares of its sides. */
  function toDetector(...centres: readonly (readonly [x: number, y: number])[]): FaceDetector {
    return {
      largestSide: 512,
      detect: ({ width, height }) => Promise.resolve(centres.map(([x, y]) => ({ box: { x: x * width - 20, y: y * height - 25, width: 40, height: 50 }, score: 0.9 }))),
      close: () => Promise.resolve(),
    };
  }

  const staffAreas = [{ points: [[0.5, 0], [1, 0], [1, 1], [0.5, 1]] as [number, number][] }];

  /** Reads a photo of 640 x 480, and says how many crops the classifier was given. */
  async function read(seeing: FaceDetector, faces: 'auto' | 'always' | 'never') {
    let classified = 0;
    const counting: typeof classifier = {
      classify(images) {
        classified += images.length;
        return classifier.classify(images);
      },
    };
    const photo = await toPhoto({ width: 640, height: 480 }).png().toBuffer();
    const { scene } = await readScene(photo, { faces, tiles: 'never' }, { detector: seeing, landmarks: fakeLandmarks(), classifier: counting, uncertainBelow: 0, imageLimits: LIMITS, staffAreas });
    return { ...scene, classified };
  }

  it('keep the faces in them from being classified, and say how many those are', async () => {
    const { faces, leftOut, classified, counts } = await read(toDetector([0.2, 0.3], [0.6, 0.5], [0.9, 0.9], [0.45, 0.5]), 'auto');
    assert.deepEqual(faces.map(({ box }) => box.x < 320), [true, true]);
    assert.deepEqual({ leftOut, classified, angry: counts.angry }, { leftOut: 2, classified: 2, angry: 2 });
  });

  for (const [whom, seeing, leftOut] of [['there are no other faces', toDetector([0.6, 0.5], [0.7, 0.5]), 2], ['no face is found, for staff may still be in the image', toDetector(), 0]] as const) {
    it(`keep the whole image from being looked at where ${whom}`, async () => {
      for (const wish of ['auto', 'always', 'never'] as const) {
        const { source, emotion, probabilities, faces, ...answer } = await read(seeing, wish);
        assert.deepEqual({ source, emotion, probabilities, faces }, { source: 'faces', emotion: null, probabilities: null, faces: [] });
        assert.deepEqual({ leftOut: answer.leftOut, classified: answer.classified }, { leftOut, classified: 0 });
      }
    });
  }
});
