import assert from 'node:assert/strict';
import type { BlobStore } from '../../../adapters/blob-storage/blob-store.ts';
import { createUsedInventoryStore } from '../../../adapters/blob-storage/used-inventory-store.ts';
import { isFailure } from '../../../domain/failure.ts';
import { processedKeys } from '../../../domain/names.ts';
import type { UsedInventory } from '../../../domain/used-inventory.ts';
import { useAzurite } from '../../support/azurite.ts';

function usedAt(createdAt: string): UsedInventory {
  return { inventory: `inventories/${createdAt}.json`, runName: 'a-run', gitSha: 'a'.repeat(40), createdAt, digest: 'd', images: 3 };
}

const EARLIER = usedAt('2026-11-24T01:00:00.000Z');
const LATER = usedAt('2026-11-24T02:00:00.000Z');

describe('the inventories that runs have used', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;

  beforeEach('open a new account', async () => {
    blobs = await azurite.newStore();
  });

  it('are none at first', async () => {
    assert.equal(await createUsedInventoryStore(blobs).find('train'), null);
  });

  it('are kept by what they were used for, the newest of each', async () => {
    const store = createUsedInventoryStore(blobs);
    await store.note('process', LATER);
    await store.note('train', EARLIER);
    assert.deepEqual(await store.find('process'), LATER);
    assert.deepEqual(await store.find('train'), EARLIER);
    await store.note('train', LATER);
    await store.note('train', EARLIER);
    assert.deepEqual(await store.find('train'), LATER);
  });

  it('end with the newest, whichever of several runs comes first', async () => {
    const store = createUsedInventoryStore(blobs);
    async function noteStubbornly(used: UsedInventory): Promise<void> {
      await store.note('train', used).catch((error: unknown) => {
        if (!isFailure(error, 'write-conflict')) throw error;
        return noteStubbornly(used);
      });
    }
    const all = Array.from({ length: 8 }, (_, hour) => usedAt(`2026-11-24T0${hour}:00:00.000Z`));
    await Promise.all(all.map(noteStubbornly));
    assert.deepEqual(await store.find('train'), all.at(-1));
  });

  it('are refused when somebody has changed them by hand', async () => {
    await blobs.write('processed', processedKeys.usedInventory('train'), '{}');
    await assert.rejects(createUsedInventoryStore(blobs).find('train'), (error) => isFailure(error, 'data-corrupt'));
  });
});
