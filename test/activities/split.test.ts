import assert from 'node:assert/strict';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import { isFailure } from '../../domain/failure.ts';
import { useAzurite } from '../support/azurite.ts';
import { GIT_SHA, createDataActivities } from '../support/data-activities.ts';
import { uploadImages } from '../support/raw-images.ts';
import { runActivity } from '../support/run-activity.ts';
import { until } from '../support/until.ts';

const DATASET = '20261124T010000Z-0123456';
const REQUEST = { runName: '20261124T020000Z-0123456', gitSha: GIT_SHA, datasetVersion: DATASET, testRatio: 0.3 };

describe('splitting', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;

  beforeEach(async () => {
    blobs = await azurite.newStore();
    await uploadImages(blobs, 20);
  });

  it('puts every image of a data set on a side, and says how many of each label', async () => {
    const { process, split, datasets } = createDataActivities(blobs);
    await process(DATASET);
    const { result } = await runActivity(() => split.splitDataset(REQUEST));
    assert.equal(result.version, `${DATASET}.test-0.3`);
    assert.equal(result.datasetVersion, DATASET);
    for (const label of EMOTIONS) assert.equal(result.counts.train[label] + result.counts.test[label], 20);
    const manifest = await datasets.readSplit(result.version);
    assert.equal(manifest.train.length + manifest.test.length, 80);
    const read = await Array.fromAsync(datasets.readSamples(manifest.test, new AbortController().signal));
    assert.equal(read.length, manifest.test.length);
  });

  it('leaves copies and images under two labels out, and counts them', async () => {
    const { bytes } = await blobs.read('emotions', 'happy/3.png');
    await blobs.write('emotions', 'happy/copy.png', bytes);
    const { bytes: twice } = await blobs.read('emotions', 'sad/3.png');
    await blobs.write('emotions', 'angry/also-sad.png', twice);
    const { process, split } = createDataActivities(blobs);
    await process(DATASET);
    const { result } = await runActivity(() => split.splitDataset(REQUEST));
    assert.equal(result.copies, 1);
    assert.equal(result.contradictions, 1);
    assert.equal(result.counts.train.sad + result.counts.test.sad, 19);
    assert.equal(result.counts.train.angry + result.counts.test.angry, 20);
  });

  it('leaves images out of the training side that are to be excluded, with their copies, and keeps the test side as it is', async () => {
    const { bytes } = await blobs.read('emotions', 'happy/3.png');
    await blobs.write('emotions', 'happy/copy.png', bytes);
    const { process, split, datasets } = createDataActivities(blobs);
    await process(DATASET);
    const { result: whole } = await runActivity(() => split.splitDataset(REQUEST));
    const before = await datasets.readSplit(whole.version);
    const samples = (await datasets.readDataset(DATASET)).shards.flatMap((shard) => shard.samples);
    const nameOf = (digest: string) => samples.find((sample) => sample.digest === digest)!.name;
    const [trained, tested] = [before.train[0]!, before.test[0]!];
    const exclusions = await datasets.keepExclusions([nameOf(trained.digest), nameOf(tested.digest), 'happy/long-gone.png', 'happy/copy.png']);

    const { result } = await runActivity(() => split.splitDataset({ ...REQUEST, exclusions }));
    assert.equal(result.version, `${whole.version}.without-${exclusions.slice(0, 7)}`);
    const after = await datasets.readSplit(result.version);
    const copied = samples.find(({ name }) => name === 'happy/copy.png')!.digest;
    assert.deepEqual(after.train, before.train.filter(({ digest }) => digest !== trained.digest && digest !== copied));
    assert.equal(result.excluded, before.train.length - after.train.length);
    assert.ok(result.excluded >= 1);
    assert.deepEqual(after.test, before.test);
    assert.equal((await runActivity(() => split.splitDataset({ ...REQUEST, exclusions }))).result.version, result.version);
    assert.equal((await runActivity(() => split.splitDataset(REQUEST))).result.version, whole.version);
  });

  it('gives the same split when it is tried again, also by another run', async () => {
    const { process, split, datasets } = createDataActivities(blobs);
    await process(DATASET);
    const { result } = await runActivity(() => split.splitDataset(REQUEST));
    const before = await datasets.readSplit(result.version);
    assert.deepEqual((await runActivity(() => split.splitDataset({ ...REQUEST, runName: 'another' }))).result, { ...result, cachedFrom: REQUEST.runName });
    assert.deepEqual(await datasets.readSplit(result.version), before);
  });

  it('says which label has too few images, and what to do', async () => {
    for (let index = 1; index < 20; index += 1) await blobs.remove('emotions', `fearful/${index}.png`);
    const { process, split } = createDataActivities(blobs);
    await process(DATASET);
    await assert.rejects(
      runActivity(() => split.splitDataset(REQUEST)),
      (error) => isFailure(error, 'too-few-samples') && /on a side: fearful \(\d to train on, \d to test on\)\. Upload more/.test(error.message),
    );
  });

  it('fails with not-found for a data set that does not exist', async () => {
    const { split } = createDataActivities(blobs);
    await assert.rejects(runActivity(() => split.splitDataset(REQUEST)), (error) => isFailure(error, 'not-found'));
  });

  describe('what was split before', () => {
    const LATER = { ...REQUEST, runName: '20261125T020000Z-fedcba9', gitSha: 'fe'.repeat(20) };

    async function splitAgain(request: typeof REQUEST & { readonly useCache?: boolean }, code = 'code') {
      const { split, datasets } = createDataActivities(blobs, { readCode: () => Promise.resolve(code) });
      const { result } = await runActivity(() => split.splitDataset(request));
      return { result, manifest: await datasets.readSplit(result.version) };
    }

    beforeEach(async () => {
      await createDataActivities(blobs).process(DATASET);
      await splitAgain(REQUEST);
    });

    it('is taken over, and is the newest again', async () => {
      await splitAgain({ ...LATER, testRatio: 0.4 });
      // Azurite tells the times of writes to the second.
      const { lastModified } = (await Array.fromAsync(blobs.list('processed', 'splits/'))).find(({ name }) => name.includes('0.4'))!;
      await until(() => Date.now() >= lastModified.getTime() + 1_000);
      const { result, manifest } = await splitAgain(LATER);
      assert.equal(result.cachedFrom, REQUEST.runName);
      assert.equal(manifest.runName, REQUEST.runName);
      const { datasets } = createDataActivities(blobs);
      assert.equal((await datasets.newestSplit(manifest.transform))?.version, result.version);
    });

    it('is not this run\'s own work done again by a retry', async () => {
      assert.equal((await splitAgain(REQUEST)).result.cachedFrom, null);
    });

    it('needs no look at the data set', async () => {
      await blobs.remove('processed', `datasets/${DATASET}.json`);
      assert.equal((await splitAgain(LATER)).result.cachedFrom, REQUEST.runName);
      await assert.rejects(splitAgain({ ...LATER, testRatio: 0.4 }), (error) => isFailure(error, 'not-found'));
    });

    it('is split anew with another ratio, by other code, or without the cache', async () => {
      for (const again of [() => splitAgain({ ...LATER, testRatio: 0.4 }), () => splitAgain(LATER, 'other code'), () => splitAgain({ ...LATER, useCache: false })]) {
        assert.equal((await again()).result.cachedFrom, null);
      }
    });

    it('is split anew when it was deleted', async () => {
      await blobs.remove('processed', `splits/${DATASET}.test-0.3.json`);
      const { result, manifest } = await splitAgain(LATER);
      assert.equal(result.cachedFrom, null);
      assert.equal(manifest.runName, LATER.runName);
    });

    it('is published beside one of the same name that says something else', async () => {
      const key = `splits/${DATASET}.test-0.3.json`;
      const { manifest } = await splitAgain(LATER);
      const [moved, ...train] = manifest.train;
      await blobs.write('processed', key, JSON.stringify({ ...manifest, train, test: [...manifest.test, moved] }));
      const { result, manifest: anew } = await splitAgain(LATER);
      assert.match(result.version, /\.test-0\.3\.[0-9a-f]{7}$/);
      assert.deepEqual([anew.train, anew.test], [manifest.train, manifest.test]);
      assert.equal((await splitAgain({ ...LATER, runName: 'third' })).result.version, result.version);
    });
  });
});
