import { CONTAINERS, processedKeys } from '../../domain/names.ts';
import type { InventoryUse, UsedInventory } from '../../domain/used-inventory.ts';
import { usedInventorySchema } from '../../domain/used-inventory.ts';
import type { BlobStore } from './blob-store.ts';
import { findStored } from './find-stored.ts';
import { parseStored, toJson } from './stored-json.ts';

/** Which raw images the newest run that came to its end has used. */
export interface UsedInventoryStore {
  /** Null when no such run has come to its end yet. @throws Failure `data-corrupt` */
  find(use: InventoryUse): Promise<UsedInventory | null>;
  /**
   * Puts this one in the place of an older one; a newer one stays.
   *
   * @throws Failure `write-conflict` when another run came first
   */
  note(use: InventoryUse, used: UsedInventory): Promise<void>;
}

const container = CONTAINERS.processed;

export function createUsedInventoryStore(blobs: BlobStore): UsedInventoryStore {
  return {
    find: (use) => findStored(blobs, container, processedKeys.usedInventory(use), usedInventorySchema),
    async note(use, used) {
      const key = processedKeys.usedInventory(use);
      const blob = await blobs.find(container, key);
      if (blob === null) {
        if (await blobs.create(container, key, toJson(used))) return;
        return this.note(use, used);
      }
      if (parseStored(usedInventorySchema, key, blob.bytes).createdAt > used.createdAt) return;
      await blobs.replace(container, key, blob.etag, toJson(used));
    },
  };
}
