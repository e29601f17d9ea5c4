import assert from 'node:assert/strict';
import { CancelledFailure } from '@temporalio/common';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { SampleReference } from '../../domain/dataset.ts';
import { IMAGE_TRANSFORM, toDatasetTransform } from '../../domain/image-transform.ts';
import { useAzurite } from '../support/azurite.ts';
import type { BatchSummary } from '../../activities/resize.ts';
import { GIT_SHA, createDataActivities } from '../support/data-activities.ts';
import { drawImage, uploadImages } from '../support/raw-images.ts';
import { createActivityEnvironment, runActivity } from '../support/run-activity.ts';
import { drawScene } from '../support/scenes.ts';

const FIRST = '20261124T010000Z-0123456';
const SECOND = '20261124T020000Z-0123456';
const THIRD = '20261124T030000Z-0123456';

describe('resizing', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;
  let names: string[];

  beforeEach(async () => {
    blobs = await azurite.newStore();
    names = await uploadImages(blobs, 6);
  });

  async function listNames(prefix: string): Promise<string[]> {
    return (await Array.fromAsync(blobs.list('processed', prefix))).map(({ name }) => name);
  }

  it('makes a first data set of everything, in batches', async () => {
    const { process, datasets } = createDataActivities(blobs);
    const { plan, dataset, batches } = await process(FIRST);
    assert.deepEqual(plan, { batches: 3, newImages: 24, unchangedImages: 0, removedImages: 0, previousDataset: null });
    assert.deepEqual(batches.map(({ samples }) => samples), [10, 10, 4]);
    assert.deepEqual(dataset, {
      version: FIRST,
      counts: { happy: 6, sad: 6, angry: 6, fearful: 6 },
      refused: 0,
      newSamples: 24,
      shards: 3,
      unchanged: false,
    });
    const manifest = await datasets.readDataset(FIRST);
    assert.deepEqual(manifest.shards.flatMap(({ samples }) => samples.map(({ name }) => name)).sort(), names.sort());
    for (const { digest, bytes } of manifest.shards) {
      assert.equal((await blobs.read('processed', `shards/${digest}.tar`)).bytes.byteLength, bytes);
    }
  });

  it('makes no new version when nothing has changed', async () => {
    const { process } = createDataActivities(blobs);
    await process(FIRST);
    const { plan, dataset } = await process(SECOND);
    assert.deepEqual({ ...plan, former: plan.former?.cachedFrom }, { batches: 0, newImages: 0, unchangedImages: 24, removedImages: 0, previousDataset: FIRST, former: FIRST });
    assert.equal(dataset.version, FIRST);
    assert.equal(dataset.unchanged, true);
    assert.equal(dataset.newSamples, 0);
    assert.deepEqual(await listNames('datasets/'), [`datasets/${FIRST}.json`]);
  });

  it('touches only what is new, replaced or removed in a second run', async () => {
    const { process, datasets } = createDataActivities(blobs);
    await process(FIRST);
    await blobs.write('emotions', 'happy/new.png', await drawImage(900));
    await blobs.write('emotions', 'sad/0.png', await drawImage(901));
    await blobs.remove('emotions', 'angry/0.png');

    const fetched: string[] = [];
    const watched: BlobStore = {
      ...blobs,
      find: (container, name) => {
        if (container === 'emotions') fetched.push(name);
        return blobs.find(container, name);
      },
    };
    const { plan, dataset } = await createDataActivities(watched).process(SECOND);
    assert.deepEqual(plan, { batches: 1, newImages: 2, unchangedImages: 22, removedImages: 1, previousDataset: FIRST });
    assert.deepEqual(fetched.sort(), ['happy/new.png', 'sad/0.png']);
    assert.deepEqual(dataset.counts, { happy: 7, sad: 6, angry: 5, fearful: 6 });
    assert.equal(dataset.newSamples, 2);
    assert.equal(dataset.version, SECOND);

    const before = await datasets.readDataset(FIRST);
    const after = await datasets.readDataset(SECOND);
    const shardsOf = (manifest: typeof before) => manifest.shards.map(({ digest }) => digest);
    assert.deepEqual(shardsOf(after).slice(0, 3), shardsOf(before), 'shards of the first run are used again');
    assert.equal((await datasets.newestDataset(after.transform))?.version, SECOND);
  });

  it('publishes a version without the images that are gone, making no shard', async () => {
    const { process } = createDataActivities(blobs);
    await process(FIRST);
    const shards = await listNames('shards/');
    await blobs.remove('emotions', 'fearful/3.png');
    const { dataset } = await process(SECOND);
    assert.equal(dataset.unchanged, false);
    assert.equal(dataset.counts.fearful, 5);
    assert.deepEqual(await listNames('shards/'), shards);
  });

  it('lists refused images with their reasons, and does not try them again', async () => {
    const truncated = (await drawImage(1)).subarray(0, 300);
    await blobs.write('emotions', 'happy/cut.png', truncated);
    await blobs.write('emotions', 'happy/empty.png', '');
    await blobs.write('emotions', 'happy/letter.png', 'Dear all, this is no image.');
    await blobs.write('emotions', 'happy/vast.png', new Uint8Array(1_000_001));
    const { process, datasets } = createDataActivities(blobs);
    const { dataset } = await process(FIRST);
    assert.equal(dataset.refused, 4);
    assert.deepEqual(
      (await datasets.readDataset(FIRST)).refused.map(({ name, reason }) => [name, reason]),
      [['happy/cut.png', 'unreadable'], ['happy/empty.png', 'empty'], ['happy/letter.png', 'unsupported'], ['happy/vast.png', 'too-large']],
    );
    const { plan, dataset: again } = await process(SECOND);
    assert.equal(plan.newImages, 0);
    assert.equal(again.unchanged, true);
  });

  it('tries images that were too large again when the limits change', async () => {
    const { process } = createDataActivities(blobs, { limits: { maxBytes: 1_000_000, maxPixels: 3_599 }, maxRefusedShare: 1 });
    const { dataset } = await process(FIRST);
    assert.equal(dataset.refused, 24);
    const roomier = createDataActivities(blobs);
    const { plan, dataset: second } = await roomier.process(SECOND);
    assert.equal(plan.newImages, 24);
    assert.equal(second.refused, 0);
    assert.equal((await roomier.process(THIRD)).dataset.unchanged, true);
  });

  it('refuses an image that was deleted or replaced since the inventory, and takes the new one in the next run', async () => {
    const { ingest, resize, datasets, process } = createDataActivities(blobs);
    const { result: taken } = await runActivity(() => ingest.takeInventory({ runName: FIRST, gitSha: '0'.repeat(40) }));
    const { inventory } = taken;
    await blobs.remove('emotions', 'happy/0.png');
    await blobs.write('emotions', 'happy/1.png', await drawImage(500));
    const { result: plan } = await runActivity(() => resize.planResize({ runName: FIRST, inventory }));
    const numbers = Array.from({ length: plan.batches }, (_, batch) => batch);
    const batches = await Promise.all(numbers.map(async (batch) => (await runActivity(() => resize.resizeBatch({ runName: FIRST, batch }))).result));
    await runActivity(() => resize.publishDataset({ runName: FIRST, gitSha: '0'.repeat(40), inventory, previousDataset: null, batches }));
    const { refused } = await datasets.readDataset(FIRST);
    assert.deepEqual(refused.map(({ name, reason }) => [name, reason]), [['happy/0.png', 'gone'], ['happy/1.png', 'gone']]);
    const next = await process(SECOND);
    assert.equal(next.plan.newImages, 1);
    assert.equal(next.dataset.refused, 0);
    assert.equal(next.dataset.counts.happy, 5);
  });

  it('stops when too many images can not be used, with reasons, names and where to look', async () => {
    for (let index = 0; index < 7; index += 1) await blobs.write('emotions', `sad/note${index}.txt`, 'no image');
    const { process, datasets } = createDataActivities(blobs, { maxRefusedShare: 0.2 });
    await assert.rejects(process(FIRST), (error) => {
      assert.ok(isFailure(error, 'too-many-refused'));
      assert.match(error.message, /^7 of 31 raw images can't be used \(7 unsupported\), more than the allowed 20 %: sad\/note0.txt \(unsupported\), /);
      assert.match(error.message, new RegExp(`runs/${FIRST}/resize/refused.json`));
      return true;
    });
    const list = await blobs.read('runs', `${FIRST}/resize/refused.json`);
    assert.equal((JSON.parse(Buffer.from(list.bytes).toString()) as unknown[]).length, 7);
    assert.equal(await datasets.findDataset(FIRST), null);
  });

  it('goes on with exactly the allowed share of refused images', async () => {
    for (let index = 0; index < 6; index += 1) await blobs.write('emotions', `sad/note${index}.txt`, 'no image');
    const { dataset } = await createDataActivities(blobs, { maxRefusedShare: 0.2 }).process(FIRST);
    assert.equal(dataset.refused, 6);
  });

  it('gives the same results when every step is tried again', async () => {
    const { process, resize } = createDataActivities(blobs);
    const { taken, plan, batches, request, dataset } = await process(FIRST);
    await blobs.write('emotions', 'happy/late.png', await drawImage(700));
    const { inventory } = taken;
    assert.deepEqual((await runActivity(() => resize.planResize({ runName: FIRST, inventory }))).result, plan);
    for (const [batch, made] of batches.entries()) {
      assert.deepEqual((await runActivity(() => resize.resizeBatch({ runName: FIRST, batch }))).result, made);
    }
    assert.deepEqual((await runActivity(() => resize.publishDataset(request))).result, dataset);
  });

  it('makes the same shard again when only the note of its outcome was lost', async () => {
    const { process, resize } = createDataActivities(blobs);
    const { batches } = await process(FIRST);
    await blobs.remove('runs', `${FIRST}/resize/00001.outcome.json`);
    assert.deepEqual((await runActivity(() => resize.resizeBatch({ runName: FIRST, batch: 1 }))).result, batches[1]);
  });

  it('keeps to the plan of the first attempt when another run publishes meanwhile', async () => {
    const { ingest, resize, process } = createDataActivities(blobs);
    const { result: taken } = await runActivity(() => ingest.takeInventory({ runName: SECOND, gitSha: '0'.repeat(40) }));
    const { inventory } = taken;
    const { result: plan } = await runActivity(() => resize.planResize({ runName: SECOND, inventory }));
    await process(FIRST);
    assert.deepEqual((await runActivity(() => resize.planResize({ runName: SECOND, inventory }))).result, plan);
  });

  it('shares a shard between equal images under other names', async () => {
    const { process } = createDataActivities(blobs);
    const first = await process(FIRST);
    for (let index = 0; index < 4; index += 1) {
      const { bytes } = await blobs.read('emotions', `sad/${index + 2}.png`);
      await blobs.write('emotions', `sad/copy${index}.png`, bytes);
    }
    const second = await process(SECOND);
    assert.equal(second.dataset.shards, first.dataset.shards);
    assert.equal(second.dataset.counts.sad, 10);
  });

  it('merges the small shards of many small runs, losing nothing', async () => {
    const { process, datasets } = createDataActivities(blobs, { shardSize: 24 });
    await process(FIRST);
    for (let day = 0; day < 9; day += 1) {
      await blobs.write('emotions', `happy/day${day}.png`, await drawImage(300 + day));
      const { dataset } = await process(`2026120${day + 1}T000000Z-0123456`);
      assert.equal(dataset.shards, day < 8 ? day + 2 : 2);
    }
    const newest = await datasets.newestDataset(IMAGE_TRANSFORM);
    assert.equal(newest?.counts.happy, 15);
    const references = newest.shards.flatMap(({ digest: shard, samples }) => samples.map(({ label, digest }) => ({ label, digest, shard })));
    const read = await Array.fromAsync(datasets.readSamples(references, new AbortController().signal));
    assert.equal(read.length, 33);
  });

  it('heartbeats how far it is', async () => {
    const { process, resize } = createDataActivities(blobs);
    await process(FIRST);
    await blobs.remove('runs', `${FIRST}/resize/00000.outcome.json`);
    const { heartbeats } = await runActivity(() => resize.resizeBatch({ runName: FIRST, batch: 0 }));
    assert.deepEqual(heartbeats.at(-1), { images: 10, ofImages: 10 });
  });

  it('stops soon after it is cancelled, and leaves no outcome behind', async () => {
    const { ingest, resize } = createDataActivities(blobs);
    const { result: taken } = await runActivity(() => ingest.takeInventory({ runName: FIRST, gitSha: '0'.repeat(40) }));
    const { inventory } = taken;
    const wide = createDataActivities(blobs, { shardSize: 24 });
    await runActivity(() => wide.resize.planResize({ runName: FIRST, inventory }));

    const environment = createActivityEnvironment();
    let decoded = 0;
    const cancelling = createDataActivities(blobs, {
      toGreyPixels: async () => {
        decoded += 1;
        environment.cancel();
        return { pixels: new Uint8Array(2304) };
      },
    });
    await assert.rejects(environment.run(() => cancelling.resize.resizeBatch({ runName: FIRST, batch: 0 })), CancelledFailure);
    assert.ok(decoded <= 16, `${decoded} of 24 images were decoded`);
    assert.deepEqual(await listNames('shards/'), []);
    assert.equal(await createDataActivities(blobs).resizes.findOutcome(FIRST, 0), null);
    assert.equal((await runActivity(() => resize.resizeBatch({ runName: FIRST, batch: 0 }))).result.samples, 24);
  });

  it('publishes nothing after it is cancelled', async () => {
    const { process, resize } = createDataActivities(blobs);
    const { request } = await process(FIRST);
    await blobs.remove('processed', `datasets/${FIRST}.json`);
    const environment = createActivityEnvironment();
    const cancelling: BlobStore = {
      ...blobs,
      async find(container, name) {
        const found = await blobs.find(container, name);
        if (name.endsWith('/00002.outcome.json')) environment.cancel();
        return found;
      },
    };
    const { resize: cancelled } = createDataActivities(cancelling);
    await assert.rejects(environment.run(() => cancelled.publishDataset(request)), CancelledFailure);
    assert.deepEqual(await listNames('datasets/'), []);
    assert.equal((await runActivity(() => resize.publishDataset(request))).result.version, FIRST);
  });

  it('fails as a whole when the storage account does, rather than refuse good images', async () => {
    const { ingest, resize } = createDataActivities(blobs);
    const { result: taken } = await runActivity(() => ingest.takeInventory({ runName: FIRST, gitSha: '0'.repeat(40) }));
    await runActivity(() => resize.planResize({ runName: FIRST, inventory: taken.inventory }));
    const broken: BlobStore = {
      ...blobs,
      find: (container, name) =>
        name === 'happy/3.png' ? Promise.reject(new Failure('dependency-unavailable', 'away')) : blobs.find(container, name),
    };
    const { resize: unlucky } = createDataActivities(broken);
    await assert.rejects(runActivity(() => unlucky.resizeBatch({ runName: FIRST, batch: 1 })), (error) => isFailure(error, 'dependency-unavailable'));
  });

  it('does not build on a data set of another transform', async () => {
    const { process, datasets } = createDataActivities(blobs);
    await process(FIRST);
    const manifest = await datasets.readDataset(FIRST);
    await datasets.keepDataset({ ...manifest, version: SECOND, runName: SECOND, transform: { name: 'other', version: 9 } });
    const { plan } = await process(THIRD);
    assert.equal(plan.previousDataset, FIRST);
  });

  describe('with faces cut out', () => {
    const SIZE = { width: 640, height: 480 };
    const FRONT = { left: 240, top: 120, side: 200 };

    async function uploadPhotos(): Promise<void> {
      for (const name of names) await blobs.remove('emotions', name);
      await blobs.write('emotions', 'happy/one.png', await drawScene(SIZE, [FRONT]));
      await blobs.write('emotions', 'happy/two.png', await drawScene(SIZE, [FRONT, { left: 20, top: 100, side: 190 }]));
      await blobs.write('emotions', 'sad/nobody.png', await drawScene(SIZE, []));
      await blobs.write('emotions', 'sad/small.png', await drawImage(1));
    }

    it('takes the one face of each photo, and lists the photos with none or several', async () => {
      await uploadPhotos();
      const { process, datasets } = createDataActivities(blobs);
      const { dataset } = await process(FIRST, { cropFaces: true });
      const { transform, refused, shards } = await datasets.readDataset(dataset.version);
      assert.deepEqual(transform, { ...IMAGE_TRANSFORM, faceCrop: 1 });
      assert.deepEqual(refused.map(({ name, reason }) => [name, reason]), [['happy/two.png', 'several-faces'], ['sad/nobody.png', 'no-face']]);
      const samples = shards.flatMap(({ digest: shard, samples: kept }) => kept.map((sample) => ({ ...sample, shard })));
      assert.deepEqual(samples.map(({ name }) => name).sort(), ['happy/one.png', 'sad/small.png']);

      const { dataset: whole } = await process(SECOND);
      assert.equal(whole.refused, 0);
      const cut = await readPixels(datasets, samples);
      const uncut = await readPixels(datasets, (await datasets.readDataset(SECOND)).shards.flatMap(({ digest: shard, samples: kept }) => kept.map((sample) => ({ ...sample, shard }))));
      const [photo, small] = ['happy/one.png', 'sad/small.png'].map((name) => samples.find((sample) => sample.name === name)!.digest) as [string, string];
      assert.notDeepEqual(cut.get(photo), uncut.get(photo));
      assert.deepEqual(cut.get(small), uncut.get(small));
    });

    it('goes on from the newest data set made the same way, past one made the other way', async () => {
      await uploadPhotos();
      const { process, datasets } = createDataActivities(blobs);
      await process(FIRST, { cropFaces: true });
      const other = await process(SECOND);
      assert.deepEqual([other.plan.newImages, other.plan.previousDataset], [4, null]);
      const again = await process(THIRD, { cropFaces: true });
      assert.equal(again.plan.former?.cachedFrom, FIRST);
      assert.equal(again.dataset.version, FIRST);
      assert.equal((await datasets.newestDataset(toDatasetTransform({ cropFaces: false })))?.version, SECOND);
      assert.equal((await datasets.newestDataset(toDatasetTransform({ cropFaces: true })))?.version, FIRST);
    });

    async function readPixels(datasets: ReturnType<typeof createDataActivities>['datasets'], references: readonly SampleReference[]) {
      const read = await Array.fromAsync(datasets.readSamples(references, new AbortController().signal));
      return new Map(read.map(({ digest, pixels }) => [digest, pixels]));
    }
  });

  describe('of images that were resized before', () => {
    /** Names of the raw images that a run looked at. */
    async function processWatched(runName: string, { useCache = true, ...settings }: Parameters<typeof createDataActivities>[1] & { readonly useCache?: boolean } = {}) {
      const fetched: string[] = [];
      const watched: BlobStore = {
        ...blobs,
        find: (container, name) => {
          if (container === 'emotions') fetched.push(name);
          return blobs.find(container, name);
        },
      };
      const made = await createDataActivities(watched, settings).process(runName, { useCache });
      return { ...made, fetched };
    }

    async function readAll(version: string): Promise<string[]> {
      const { datasets } = createDataActivities(blobs);
      const { shards } = await datasets.readDataset(version);
      const references = shards.flatMap(({ digest: shard, samples }) => samples.map(({ label, digest }) => ({ label, digest, shard })));
      return (await Array.fromAsync(datasets.readSamples(references, new AbortController().signal))).map(({ digest }) => digest).sort();
    }

    it('takes the data set over that an earlier run made, doing nothing', async () => {
      const { dataset } = await processWatched(FIRST);
      const { plan, fetched, dataset: again } = await processWatched(SECOND);
      assert.deepEqual(plan.former, { dataset: { ...dataset, newSamples: 0, unchanged: true }, cachedFrom: FIRST });
      assert.deepEqual(fetched, []);
      assert.equal(again.version, FIRST);
      assert.deepEqual((await Array.fromAsync(blobs.list('runs', `${SECOND}/`))).map(({ name }) => name), []);
    });

    it('still says so when it is asked twice', async () => {
      await processWatched(FIRST);
      const { plan, taken: { inventory } } = await processWatched(SECOND);
      const { result } = await runActivity(() => createDataActivities(blobs).resize.planResize({ runName: SECOND, inventory }));
      assert.deepEqual(result, plan);
    });

    it('does so from the second time on where nothing had to be published', async () => {
      await processWatched(FIRST);
      const other = { readCode: () => Promise.resolve('other code') };
      const { plan, dataset } = await processWatched(SECOND, other);
      assert.equal(plan.former, undefined);
      assert.equal(dataset.version, FIRST);
      assert.equal((await processWatched(THIRD, other)).plan.former?.cachedFrom, FIRST);
    });

    it('goes through the images with other limits, another share to refuse, or other code', async () => {
      await processWatched(FIRST);
      const others = [{ limits: { maxBytes: 1_000_000, maxPixels: 999_999 } }, { maxRefusedShare: 0.4 }, { readCode: () => Promise.resolve('other code') }];
      for (const [index, settings] of others.entries()) {
        assert.equal((await processWatched(`2026112${index}T000000Z-0123456`, settings)).plan.former, undefined, JSON.stringify(settings));
      }
    });

    it('goes through the images when one came, even one that was there before the last run', async () => {
      await processWatched(FIRST);
      const added = await drawImage(900);
      await blobs.write('emotions', 'happy/new.png', added);
      assert.equal((await processWatched(SECOND)).plan.former, undefined);
      await blobs.remove('emotions', 'happy/new.png');
      const { plan, dataset } = await processWatched(THIRD);
      assert.equal(plan.former, undefined, 'the newest data set is the one that later runs go by');
      assert.equal(dataset.version, THIRD);
    });

    it('makes what a deleted shard held again, and only that', async () => {
      await processWatched(FIRST);
      const { datasets } = createDataActivities(blobs);
      const before = await readAll(FIRST);
      const [, shard] = (await datasets.readDataset(FIRST)).shards;
      await blobs.remove('processed', `shards/${shard!.digest}.tar`);
      const { plan, fetched, dataset } = await processWatched(SECOND);
      assert.equal(plan.former, undefined);
      assert.deepEqual(fetched.sort(), shard!.samples.map(({ name }) => name).sort());
      assert.deepEqual(await readAll(dataset.version), before);
      // The same images in one batch make the same shard: the data set is whole again.
      assert.equal(dataset.version, FIRST);
      assert.equal((await processWatched(THIRD)).plan.former?.cachedFrom, FIRST);
    });

    it('publishes another version when what was missing is now in other shards', async () => {
      await processWatched(FIRST);
      const { datasets } = createDataActivities(blobs);
      const before = await readAll(FIRST);
      for (const { digest } of (await datasets.readDataset(FIRST)).shards.slice(1)) await blobs.remove('processed', `shards/${digest}.tar`);
      const { dataset } = await processWatched(SECOND, { shardSize: 7 });
      assert.equal(dataset.version, SECOND);
      assert.equal(dataset.newSamples, 14);
      assert.deepEqual(await readAll(SECOND), before);
    });

    it('puts a shard right that was cut short', async () => {
      await processWatched(FIRST);
      const { datasets } = createDataActivities(blobs);
      const before = await readAll(FIRST);
      const [shard] = (await datasets.readDataset(FIRST)).shards;
      await blobs.write('processed', `shards/${shard!.digest}.tar`, 'cut short');
      const { dataset } = await processWatched(SECOND);
      assert.deepEqual(await readAll(dataset.version), before);
    });

    it('keeps to what was missing at its first attempt', async () => {
      await processWatched(FIRST);
      const { datasets, ingest, resize } = createDataActivities(blobs);
      const [shard] = (await datasets.readDataset(FIRST)).shards;
      const key = `shards/${shard!.digest}.tar`;
      const { bytes } = await blobs.read('processed', key);
      await blobs.remove('processed', key);
      const { result: { inventory } } = await runActivity(() => ingest.takeInventory({ runName: SECOND, gitSha: GIT_SHA }));
      const { result: plan } = await runActivity(() => resize.planResize({ runName: SECOND, inventory }));
      await blobs.write('processed', key, bytes);
      assert.deepEqual((await runActivity(() => resize.planResize({ runName: SECOND, inventory }))).result, plan);
    });

    it('makes everything again when the data set was deleted', async () => {
      await processWatched(FIRST);
      await blobs.remove('processed', `datasets/${FIRST}.json`);
      const { plan, dataset } = await processWatched(SECOND);
      assert.equal(plan.newImages, 24);
      assert.equal(dataset.version, SECOND);
    });

    it('resizes everything anew without the cache, and publishes it even if it is the same', async () => {
      await processWatched(FIRST);
      const { plan, fetched, dataset } = await processWatched(SECOND, { useCache: false });
      assert.deepEqual(plan, { batches: 3, newImages: 24, unchangedImages: 0, removedImages: 0, previousDataset: null });
      assert.equal(fetched.length, 24);
      assert.equal(dataset.version, SECOND);
      assert.equal(dataset.unchanged, false);
      assert.equal((await processWatched(THIRD)).plan.former?.cachedFrom, SECOND);
    });

    it('remembers nothing of a run in which an image vanished', async () => {
      const { ingest, resize } = createDataActivities(blobs);
      const { result: { inventory } } = await runActivity(() => ingest.takeInventory({ runName: FIRST, gitSha: GIT_SHA }));
      await blobs.remove('emotions', 'happy/0.png');
      await runActivity(() => resize.planResize({ runName: FIRST, inventory }));
      const batches: BatchSummary[] = [];
      for (const batch of [0, 1, 2]) batches.push((await runActivity(() => resize.resizeBatch({ runName: FIRST, batch }))).result);
      await runActivity(() => resize.publishDataset({ runName: FIRST, gitSha: GIT_SHA, inventory, previousDataset: null, batches }));
      assert.deepEqual(await Array.fromAsync(blobs.list('runs', 'cache/resize/')), []);
    });

    it('remembers nothing that two versions of the code made together', async () => {
      const { process, resize } = createDataActivities(blobs, { readCode: () => Promise.resolve('new code') });
      const { ingest, resize: old } = createDataActivities(blobs);
      const { result: { inventory } } = await runActivity(() => ingest.takeInventory({ runName: FIRST, gitSha: GIT_SHA }));
      await runActivity(() => old.planResize({ runName: FIRST, inventory }));
      const batches: BatchSummary[] = [];
      for (const batch of [0, 1, 2]) batches.push((await runActivity(() => resize.resizeBatch({ runName: FIRST, batch }))).result);
      await runActivity(() => resize.publishDataset({ runName: FIRST, gitSha: GIT_SHA, inventory, previousDataset: null, batches }));
      assert.equal((await process(SECOND)).plan.former, undefined);
    });

    it('is remembered also when publishing is tried again', async () => {
      const { request } = await processWatched(FIRST);
      for await (const { name } of blobs.list('runs', 'cache/')) await blobs.remove('runs', name);
      await runActivity(() => createDataActivities(blobs).resize.publishDataset(request));
      assert.equal((await processWatched(SECOND)).plan.former?.cachedFrom, FIRST);
    });
  });
});
