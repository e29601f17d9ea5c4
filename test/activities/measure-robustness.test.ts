import assert from 'node:assert/strict';
import type { Classifier, TestSample } from '../../activities/measure-candidate.ts';
import { chooseDisturbed, measureRobustness } from '../../activities/measure-robustness.ts';
import { EMOTIONS, toPerEmotion } from '../../domain/emotion.ts';
import { robustnessSchema } from '../../domain/robustness.ts';

/** "Pixels" that hold the label's index, and after a disturbance another one where that is strong. */
const samples: TestSample[] = Array.from({ length: 150 }, (_, index) => ({
  label: EMOTIONS[index % EMOTIONS.length]!,
  digest: index.toString(16).padStart(64, '0'),
  pixels: Uint8Array.of(index % EMOTIONS.length),
}));

async function* read(): AsyncGenerator<TestSample> {
  yield* samples;
}

const candidate: Classifier = {
  classify: (images) => Promise.resolve(images.map(([index]) => toPerEmotion((_, at) => (at === index ? 0.7 : 0.1)))),
  close: () => Promise.resolve(),
};

describe('robustness', () => {
  it('is the accuracy on the same images as they are, under each disturbance at each strength, and small', async () => {
    const seeds = new Set<string>();
    let disturbed = 0;
    const robustness = await measureRobustness({
      candidate,
      samples: read(),
      report: () => undefined,
      disturb(pixels, condition, seed) {
        disturbed += 1;
        seeds.add(seed);
        const spoils = 'side' in condition ? condition.side < 20 : condition.disturbance === 'noise' && condition.strength !== 'mild';
        return Promise.resolve(spoils ? Uint8Array.of((pixels[0]! + 1) % EMOTIONS.length) : pixels);
      },
    });
    assert.deepEqual(robustness, robustnessSchema.parse(robustness));
    assert.deepEqual([robustness.images, robustness.accuracy], [150, 1]);
    assert.deepEqual(robustness.disturbances.find(({ name }) => name === 'noise'), { name: 'noise', mild: 1, medium: 0, strong: 0 });
    assert.deepEqual(robustness.disturbances.find(({ name }) => name === 'tilt'), { name: 'tilt', mild: 1, medium: 1, strong: 1 });
    assert.deepEqual(robustness.smallFaces, [{ side: 32, accuracy: 1 }, { side: 24, accuracy: 1 }, { side: 16, accuracy: 0 }, { side: 12, accuracy: 0 }]);
    // No two pictures are made worse by the same stream of chance.
    assert.equal(seeds.size, disturbed);
  });

  it('of no images is no accuracy', async () => {
    const { images, accuracy } = await measureRobustness({ candidate, samples: (async function* () {})(), report: () => undefined, disturb: (pixels) => Promise.resolve(pixels) });
    assert.deepEqual([images, accuracy], [0, 0]);
  });

  it('is measured on the same five hundred images, in whatever order they are listed', () => {
    const references = Array.from({ length: 1200 }, (_, index) => ({ label: 'happy' as const, digest: ((index * 7919) % 1200).toString(16).padStart(64, '0'), shard: 's' }));
    const chosen = chooseDisturbed(references);
    assert.equal(chosen.length, 500);
    assert.deepEqual(chooseDisturbed(references.toReversed()), chosen);
    assert.deepEqual(chooseDisturbed(references.slice(0, 5)).length, 5);
  });
});
