import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { BlobStore } from '../../../adapters/blob-storage/blob-store.ts';
import type { DatasetStore } from '../../../adapters/blob-storage/dataset-store.ts';
import { createDatasetStore } from '../../../adapters/blob-storage/dataset-store.ts';
import { decodeGreyPng, encodeGreyPng } from '../../../adapters/vision/grey-png.ts';
import type { DatasetManifest, SampleReference, SplitManifest } from '../../../domain/dataset.ts';
import type { Emotion } from '../../../domain/emotion.ts';
import { EMOTIONS, toPerEmotion } from '../../../domain/emotion.ts';
import { isFailure } from '../../../domain/failure.ts';
import { IMAGE_PIXELS, IMAGE_TRANSFORM } from '../../../domain/image-transform.ts';
import { useAzurite } from '../../support/azurite.ts';

const ORIGIN = { runName: 'run', gitSha: '0'.repeat(40), createdAt: '2026-11-24T01:55:00Z' };
const CODEC = { encode: encodeGreyPng, decode: decodeGreyPng };
const never = new AbortController().signal;

describe('data set store', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;
  let store: DatasetStore;

  beforeEach(async () => {
    blobs = await azurite.newStore();
    store = createDatasetStore(blobs, CODEC);
  });

  describe('samples', () => {
    it('come back pixel by pixel with their labels', async () => {
      const samples = Array.from({ length: 150 }, (_, index) => toSample(index));
      const references = await save(samples);
      const read = await Array.fromAsync(store.readSamples(references, never));
      assert.equal(read.length, samples.length);
      const byDigest = new Map(read.map((sample) => [sample.digest, sample]));
      for (const { digest, label, pixels } of samples) {
        assert.deepEqual(byDigest.get(digest)?.pixels, pixels);
        assert.equal(byDigest.get(digest)?.label, label);
      }
    });

    it('come in the same order every time, only those asked for, shard by shard', async () => {
      const first = await save(Array.from({ length: 8 }, (_, index) => toSample(index)));
      const second = await save(Array.from({ length: 8 }, (_, index) => toSample(100 + index)));
      const wanted = [first[5]!, second[0]!, first[1]!, second[7]!];
      const read = async () => (await Array.fromAsync(store.readSamples(wanted, never))).map(({ digest }) => digest);
      const digests = await read();
      assert.deepEqual(digests.toSorted(), wanted.map(({ digest }) => digest).sort());
      assert.deepEqual(new Set(digests.slice(0, 2)), new Set([first[5]!.digest, first[1]!.digest]));
      assert.deepEqual(await read(), digests);
    });

    it('are fetched one shard ahead and no further', async () => {
      const references: SampleReference[] = [];
      for (let shard = 0; shard < 4; shard += 1) references.push(...(await save([toSample(shard)])));
      let reads = 0;
      const counting: BlobStore = { ...blobs, read: (...where) => ((reads += 1), blobs.read(...where)) };
      const samples = createDatasetStore(counting, CODEC).readSamples(references, never)[Symbol.asyncIterator]();
      await samples.next();
      assert.equal(reads, 2);
      await samples.next();
      assert.equal(reads, 3);
      await samples.return?.();
      assert.equal(reads, 3);
    });

    it('fail with data-corrupt when the bytes of their shard have changed', async () => {
      const [reference] = await save([toSample(1)]);
      const key = `shards/${reference!.shard}.tar`;
      const bytes = Buffer.from((await blobs.read('processed', key)).bytes);
      bytes[600]! ^= 1;
      await blobs.write('processed', key, bytes);
      await assert.rejects(Array.fromAsync(store.readSamples([reference!], never)), (error) => isFailure(error, 'data-corrupt'));
    });

    it('fail with data-corrupt when the shard lacks one, and not-found when it is missing', async () => {
      const [reference] = await save([toSample(1)]);
      const other = { ...reference!, digest: 'f'.repeat(64) };
      await assert.rejects(Array.fromAsync(store.readSamples([other], never)), (error) => isFailure(error, 'data-corrupt'));
      const lost = { ...reference!, shard: 'e'.repeat(64) };
      await assert.rejects(Array.fromAsync(store.readSamples([lost], never)), (error) => isFailure(error, 'not-found'));
    });

    it('stop when the signal is aborted', async () => {
      const references = await save(Array.from({ length: 200 }, (_, index) => toSample(index)));
      const controller = new AbortController();
      let read = 0;
      await assert.rejects(async () => {
        for await (const _ of store.readSamples(references, controller.signal)) {
          read += 1;
          controller.abort(new Error('enough'));
        }
      }, /enough/);
      assert.equal(read, 64);
    });

    it('are none where none are asked for', async () => {
      assert.deepEqual(await Array.fromAsync(store.readSamples([], never)), []);
    });

    it('make the same shard whenever they are saved', async () => {
      const samples = [toSample(1), toSample(2)];
      const shard = await store.saveShard(samples);
      assert.deepEqual(await store.saveShard(samples), shard);
    });

    it('put right what lies damaged under the name of their shard', async () => {
      const samples = [toSample(1), toSample(2)];
      const { digest } = await store.saveShard(samples);
      await blobs.write('processed', `shards/${digest}.tar`, 'damaged');
      await store.saveShard(samples);
      const references = samples.map(({ label, digest: sample }) => ({ label, digest: sample, shard: digest }));
      assert.equal((await Array.fromAsync(store.readSamples(references, never))).length, 2);
    });

    it('are missed with the shards that were deleted or cut short, and only those', async () => {
      const shards = [];
      for (const seed of [1, 2, 3]) shards.push(await store.saveShard([toSample(seed)]));
      assert.deepEqual(await store.findMissingShards(shards), []);
      const [deleted, cut] = shards.map(({ digest }) => digest) as [string, string];
      await blobs.remove('processed', `shards/${deleted}.tar`);
      await blobs.write('processed', `shards/${cut}.tar`, 'cut');
      assert.deepEqual(await store.findMissingShards(shards), [deleted, cut]);
    });
  });

  describe('data sets', () => {
    it('keep the first manifest of a version', async () => {
      const first = toManifest('20260101T000000Z-aaaaaaa');
      assert.deepEqual(await store.keepDataset(first), first);
      assert.deepEqual(await store.keepDataset({ ...first, createdAt: '2027-01-01T00:00:00Z' }), first);
      assert.deepEqual(await store.readDataset(first.version), first);
    });

    it('are listed newest first, and the newest is the one with the transform asked for', async () => {
      for (const version of ['20260101T000000Z-bbbbbbb', '20260301T000000Z-aaaaaaa', '20260201T000000Z-ccccccc']) await store.keepDataset(toManifest(version));
      const other = { name: 'other', version: 1 };
      await store.keepDataset({ ...toManifest('20260401T000000Z-aaaaaaa'), transform: other });
      const versions = (await Array.fromAsync(store.listDatasets())).map(({ version }) => version.slice(0, 8));
      assert.deepEqual(versions, ['20260401', '20260301', '20260201', '20260101']);
      assert.equal((await store.newestDataset(IMAGE_TRANSFORM))?.version, '20260301T000000Z-aaaaaaa');
      assert.equal((await store.newestDataset(other))?.version, '20260401T000000Z-aaaaaaa');
      assert.equal(await store.newestDataset({ name: 'other', version: 2 }), null);
    });

    it('fail with not-found when there is none, and data-corrupt when it is something else', async () => {
      await assert.rejects(store.readDataset('none'), (error) => isFailure(error, 'not-found'));
      assert.equal(await store.findDataset('none'), null);
      await blobs.write('processed', 'datasets/odd.json', '{"version":"odd"}');
      await blobs.write('processed', 'datasets/text.json', 'text');
      for (const version of ['odd', 'text']) await assert.rejects(store.readDataset(version), (error) => isFailure(error, 'data-corrupt'));
    });
  });

  describe('splits', () => {
    it('keep the first manifest of a version', async () => {
      const first = toSplit('a.test-0.2');
      assert.deepEqual(await store.keepSplit(first), first);
      assert.deepEqual(await store.keepSplit({ ...first, runName: 'later' }), first);
      assert.deepEqual(await store.readSplit(first.version), first);
    });

    it('count as newest when they are asked for again', async () => {
      const splits = createDatasetStore(withClock(blobs), CODEC);
      for (const version of ['a.test-0.2', 'a.test-0.3', 'a.test-0.2']) {
        await splits.keepSplit(toSplit(version));
        assert.equal((await splits.newestSplit(IMAGE_TRANSFORM))?.version, version);
      }
      assert.deepEqual((await Array.fromAsync(splits.listSplits())).map(({ version }) => version), ['a.test-0.2', 'a.test-0.3']);
    });

    it('are null when there is none with the transform', async () => {
      await store.keepSplit({ ...toSplit('a.test-0.2'), transform: { name: 'other', version: 1 } });
      assert.equal(await store.newestSplit(IMAGE_TRANSFORM), null);
    });
  });

  async function save(samples: readonly ReturnType<typeof toSample>[]): Promise<SampleReference[]> {
    const shard = await store.saveShard(samples);
    return shard.samples.map(({ label, digest }) => ({ label, digest, shard: shard.digest }));
  }
});

/** Dates every write a minute after the one before; the service's own dates have whole seconds only. */
function withClock(blobs: BlobStore): BlobStore {
  const minutes = new Map<string, number>();
  let minute = 0;
  return {
    ...blobs,
    async create(container, name, content) {
      const created = await blobs.create(container, name, content);
      if (created) minutes.set(name, ++minute);
      return created;
    },
    write(container, name, content) {
      minutes.set(name, ++minute);
      return blobs.write(container, name, content);
    },
    async *list(container, prefix) {
      for await (const info of blobs.list(container, prefix)) {
        yield { ...info, lastModified: new Date(Date.UTC(2026, 0, 1, 0, minutes.get(info.name) ?? 0)) };
      }
    },
  };
}

function toSample(seed: number) {
  const label: Emotion = EMOTIONS[seed % 4]!;
  const pixels = Uint8Array.from({ length: IMAGE_PIXELS }, (_, index) => (index * 31 + seed * 17) % 256);
  return { name: `${label}/${seed}.png`, etag: `"${seed}"`, label, digest: createHash('sha256').update(`${seed}`).digest('hex'), pixels };
}

function toManifest(version: string): DatasetManifest {
  const limits = { maxBytes: 1, maxPixels: 1 };
  return { ...ORIGIN, version, transform: IMAGE_TRANSFORM, limits, counts: toPerEmotion(() => 0), shards: [], refused: [] };
}

function toSplit(version: string): SplitManifest {
  const none = toPerEmotion(() => 0);
  return {
    ...ORIGIN, version, datasetVersion: 'a', transform: IMAGE_TRANSFORM, testRatio: 0.2,
    counts: { train: none, test: none }, copies: 0, excluded: 0, contradictions: [], train: [], test: [],
  };
}
