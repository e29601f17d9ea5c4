import assert from 'node:assert/strict';
import type { Batch, BatchOptions } from '../../../adapters/tensorflow/batches.ts';
import { createBatches } from '../../../adapters/tensorflow/batches.ts';
import { createRandom } from '../../../domain/random.ts';
import type { SampleSource, TrainingSample } from '../../../adapters/tensorflow/samples.ts';
import { EMOTIONS } from '../../../domain/emotion.ts';
import { isFailure } from '../../../domain/failure.ts';
import { IMAGE_PIXELS } from '../../../domain/image-transform.ts';
import { toSource } from './drawn-faces.ts';

const { signal } = new AbortController();

/** The first pixel of each image is its number. */
function numbered(count: number): TrainingSample[] {
  return Array.from({ length: count }, (_, index) => ({
    label: EMOTIONS[index % 4]!,
    pixels: new Uint8Array(IMAGE_PIXELS).fill(index),
  }));
}

function countingReads(samples: TrainingSample[]): SampleSource & { reads: number } {
  const source = toSource(samples);
  return {
    ...source,
    reads: 0,
    read(...args) {
      this.reads += 1;
      return source.read(...args);
    },
  };
}

const toNumbers = (batches: Batch[]): number[] =>
  batches.flatMap(({ pixels, labels }) =>
    Array.from(labels, (label, index) => {
      const number = pixels[index * IMAGE_PIXELS]!;
      assert.equal(label, number % 4);
      return number;
    }),
  );

const inMemory: BatchOptions = { batchSize: 8 };
const streamed: BatchOptions = { batchSize: 8, maxHeldBytes: 20 * IMAGE_PIXELS };

describe('batches', () => {
  for (const [name, options] of Object.entries({ 'held in memory': inMemory, 'larger than memory': streamed })) {
    describe(`of a set ${name}`, () => {
      it('give every image once, in order', async () => {
        const batches = createBatches(toSource(numbered(50)), options);
        const given = await Array.fromAsync(batches.inOrder(signal));
        assert.deepEqual(toNumbers(given), Array.from({ length: 50 }, (_, index) => index));
        assert.deepEqual(given.map(({ labels }) => labels.length), [8, 8, 8, 8, 8, 8, 2]);
      });

      it('give full batches of different images, shuffled by the seed alone', async () => {
        const shuffle = (seed: number) => Array.fromAsync(createBatches(toSource(numbered(50)), options).shuffled(createRandom(seed), signal));
        const given = await shuffle(1);
        assert.deepEqual(given.map(({ labels }) => labels.length), [8, 8, 8, 8, 8, 8]);
        const numbers = toNumbers(given);
        assert.equal(new Set(numbers).size, 48);
        assert.notDeepEqual(numbers, numbers.toSorted((a, b) => a - b));
        assert.deepEqual(toNumbers(await shuffle(1)), numbers);
        assert.notDeepEqual(toNumbers(await shuffle(2)), numbers);
      });
    });
  }

  it('read a set that fits once, and a larger one at every turn', async () => {
    for (const [options, reads] of [[inMemory, 1], [streamed, 2]] as const) {
      const source = countingReads(numbered(50));
      const batches = createBatches(source, options);
      await Array.fromAsync(batches.inOrder(signal));
      await Array.fromAsync(batches.shuffled(createRandom(1), signal));
      assert.equal(source.reads, reads);
    }
  });

  it('make one batch of a set that is smaller', async () => {
    const batches = createBatches(toSource(numbered(5)), inMemory);
    assert.equal(batches.count, 1);
    assert.equal((await Array.fromAsync(batches.shuffled(createRandom(1), signal)))[0]!.labels.length, 5);
  });

  it('refuse a source that gives more or fewer images than it counts', async () => {
    for (const given of [3, 5]) {
      const source = { ...toSource(numbered(4)), read: toSource(numbered(given)).read };
      await assert.rejects(Array.fromAsync(createBatches(source, inMemory).inOrder(signal)), (error) => isFailure(error, 'data-corrupt'));
    }
  });

  it('stop reading when they are aborted', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    await assert.rejects(Array.fromAsync(createBatches(toSource(numbered(9)), inMemory).inOrder(controller.signal)), /enough/);
  });
});
