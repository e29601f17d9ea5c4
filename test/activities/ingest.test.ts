import assert from 'node:assert/strict';
import { toInventoryDigest } from '../../activities/content-digest.ts';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { isFailure } from '../../domain/failure.ts';
import { useAzurite } from '../support/azurite.ts';
import { GIT_SHA, createDataActivities } from '../support/data-activities.ts';
import { runActivity } from '../support/run-activity.ts';

const RUN = { runName: '20261124T015500Z-0123456', gitSha: GIT_SHA };

describe('taking the inventory', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;

  beforeEach(async () => {
    blobs = await azurite.newStore({ pageSize: 3 });
  });

  it('counts the images of every label, over several pages', async () => {
    for (const name of ['happy/a.png', 'happy/b.png', 'sad/a.png', 'angry/deep/er/a.png', 'fearful/ä b.jpg']) await blobs.write('emotions', name, name);
    const { ingest, datasets } = createDataActivities(blobs);
    const { result } = await runActivity(() => ingest.takeInventory(RUN));
    assert.deepEqual(result, {
      inventory: `inventories/${RUN.runName}.json`,
      counts: { happy: 2, sad: 1, angry: 1, fearful: 1 },
      ignored: 0,
      digest: toInventoryDigest((await datasets.readInventory(result.inventory)).images),
      cachedFrom: null,
    });
    const inventory = await datasets.readInventory(result.inventory);
    const read = await blobs.read('emotions', 'sad/a.png');
    assert.deepEqual(inventory.images.find(({ name }) => name === 'sad/a.png'), { name: 'sad/a.png', label: 'sad', etag: read.etag, bytes: 9 });
    assert.equal(inventory.gitSha, GIT_SHA);
  });

  it('lists what lies outside the label folders, and the litter of file managers, as ignored', async () => {
    const ignored = ['.DS_Store', 'Happy/a.png', 'disgust/a.png', 'happy', 'happy/.DS_Store', 'happy/Thumbs.db', 'readme.txt'];
    for (const name of [...ignored, 'happy/a.png']) await blobs.write('emotions', name, 'x');
    const { ingest, datasets } = createDataActivities(blobs);
    const { result } = await runActivity(() => ingest.takeInventory(RUN));
    assert.equal(result.ignored, ignored.length);
    assert.deepEqual((await datasets.readInventory(result.inventory)).ignored, ignored);
  });

  it('says what to do when the container is empty', async () => {
    const { ingest } = createDataActivities(blobs);
    await assert.rejects(
      runActivity(() => ingest.takeInventory(RUN)),
      (error) => isFailure(error, 'nothing-to-use') && /is empty.*barometer import/.test(error.message),
    );
  });

  it('says what to do when nothing lies in a label folder', async () => {
    await blobs.write('emotions', 'disgust/a.png', 'x');
    const { ingest } = createDataActivities(blobs);
    await assert.rejects(
      runActivity(() => ingest.takeInventory(RUN)),
      (error) => isFailure(error, 'nothing-to-use') && /nothing in a label's folder \(blobs elsewhere: 1\)/.test(error.message),
    );
  });

  it('stays with the first inventory of a run when it is tried again', async () => {
    await blobs.write('emotions', 'happy/a.png', 'x');
    const { ingest } = createDataActivities(blobs);
    const { result: first } = await runActivity(() => ingest.takeInventory(RUN));
    await blobs.write('emotions', 'happy/b.png', 'x');
    const { result: second } = await runActivity(() => ingest.takeInventory(RUN));
    assert.deepEqual(second, first);
  });

  it('says which earlier run found the very same images', async () => {
    for (const name of ['happy/a.png', 'sad/a.png']) await blobs.write('emotions', name, name);
    const { ingest } = createDataActivities(blobs);
    const take = async (runName: string, useCache = true) => (await runActivity(() => ingest.takeInventory({ runName, gitSha: GIT_SHA, useCache }))).result;
    const first = await take('first');
    assert.deepEqual([(await take('second')).cachedFrom, (await take('third')).cachedFrom], ['first', 'first']);
    assert.equal((await take('first')).cachedFrom, null, 'its own list is no earlier one');

    await blobs.write('emotions', 'notes.txt', 'no image');
    assert.equal((await take('fourth')).cachedFrom, 'first');
    await blobs.write('emotions', 'sad/a.png', 'another');
    const changed = await take('fifth');
    assert.equal(changed.cachedFrom, null);
    assert.notEqual(changed.digest, first.digest);
  });

  it('lists and files the images in any case, and does not ask who found them before without the cache', async () => {
    await blobs.write('emotions', 'happy/a.png', 'a');
    const { ingest, datasets } = createDataActivities(blobs);
    await runActivity(() => ingest.takeInventory({ runName: 'first', gitSha: GIT_SHA }));
    const { result } = await runActivity(() => ingest.takeInventory({ runName: 'second', gitSha: GIT_SHA, useCache: false }));
    assert.equal(result.cachedFrom, null);
    assert.equal((await datasets.readInventory(result.inventory)).runName, 'second');
  });
});
