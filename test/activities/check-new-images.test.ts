import assert from 'node:assert/strict';
import { createCheckNewImagesActivities } from '../../activities/check-new-images.ts';
import { createNoteInventoryUsedActivities } from '../../activities/note-inventory-used.ts';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { createUsedInventoryStore } from '../../adapters/blob-storage/used-inventory-store.ts';
import type { InventoryUse } from '../../domain/used-inventory.ts';
import type { NewImages } from '../../domain/scheduled-run.ts';
import { useAzurite } from '../support/azurite.ts';
import { GIT_SHA, createDataActivities } from '../support/data-activities.ts';
import { runActivity } from '../support/run-activity.ts';

describe('looking for new images', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;

  beforeEach('upload some to a new account', async () => {
    blobs = await azurite.newStore({ pageSize: 2 });
    for (const name of ['happy/a.png', 'sad/a.png', 'angry/a.png', 'readme.txt']) await blobs.write('emotions', name, name);
  });

  async function check(use: InventoryUse = 'train'): Promise<NewImages> {
    const { datasets } = createDataActivities(blobs);
    const activities = createCheckNewImagesActivities({ blobs, datasets, usedInventory: createUsedInventoryStore(blobs) });
    return (await runActivity(() => activities.checkNewImages({ use }))).result;
  }

  /** As a run does that comes to its end. */
  async function use({ trained = true } = {}): Promise<string> {
    const runName = '20261124T015500Z-0123456';
    const { ingest, datasets } = createDataActivities(blobs);
    const { result } = await runActivity(() => ingest.takeInventory({ runName, gitSha: GIT_SHA }));
    const activities = createNoteInventoryUsedActivities({ datasets, usedInventory: createUsedInventoryStore(blobs) });
    await runActivity(() => activities.noteInventoryUsed({ inventory: result.inventory, trained }));
    return result.inventory;
  }

  it('counts all as new before any run has come to its end', async () => {
    const { images, isChanged, newImages, newestAgeMs, oldestAgeMs } = await check();
    assert.deepEqual({ images, isChanged, newImages }, { images: 3, isChanged: true, newImages: 3 });
    assert.ok(newestAgeMs! <= oldestAgeMs! && oldestAgeMs! < 60_000);
  });

  it('finds nothing new after a run, whatever lies outside the label folders', async () => {
    await use();
    await blobs.write('emotions', 'notes.txt', 'x');
    await blobs.write('emotions', 'happy/.DS_Store', 'x');
    assert.deepEqual({ ...(await check()), digest: '' }, { images: 3, digest: '', isChanged: false, newImages: 0, newestAgeMs: null, oldestAgeMs: null });
  });

  it('finds what was uploaded since, and what was written again', async () => {
    await use();
    await blobs.write('emotions', 'fearful/a.png', 'x');
    await blobs.write('emotions', 'happy/a.png', 'another');
    const { images, isChanged, newImages } = await check();
    assert.deepEqual({ images, isChanged, newImages }, { images: 4, isChanged: true, newImages: 2 });
  });

  it('finds images new to train on that were only processed', async () => {
    await use({ trained: false });
    assert.equal((await check('process')).isChanged, false);
    assert.equal((await check('train')).newImages, 3);
    await use();
    assert.equal((await check('train')).isChanged, false);
  });

  it('sees that images were removed', async () => {
    await use();
    await blobs.remove('emotions', 'sad/a.png');
    const { isChanged, newImages, newestAgeMs } = await check();
    assert.deepEqual({ isChanged, newImages, newestAgeMs }, { isChanged: true, newImages: 0, newestAgeMs: null });
  });

  it('counts all as new when somebody has removed the list of the used ones', async () => {
    const inventory = await use();
    await blobs.write('emotions', 'fearful/a.png', 'x');
    await blobs.remove('processed', inventory);
    assert.equal((await check()).newImages, 4);
  });

  it('is not led back by an older run that ends later', async () => {
    const { datasets } = createDataActivities(blobs);
    const older = { runName: 'older', gitSha: GIT_SHA, createdAt: '2020-01-01T00:00:00.000Z', images: [], ignored: [] };
    const { key } = await datasets.keepInventory(older);
    await use();
    const activities = createNoteInventoryUsedActivities({ datasets, usedInventory: createUsedInventoryStore(blobs) });
    await runActivity(() => activities.noteInventoryUsed({ inventory: key, trained: true }));
    assert.equal((await check()).isChanged, false);
  });
});
