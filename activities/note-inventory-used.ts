import type { Inventory } from '../domain/dataset.ts';
import type { UsedInventory } from '../domain/used-inventory.ts';
import { toInventoryDigest } from './content-digest.ts';

export interface NoteInventoryUsedDependencies {
  readonly datasets: { readInventory(key: string): Promise<Inventory> };
  readonly usedInventory: {
    /** A newer one stays. */
    note(used: UsedInventory): Promise<void>;
  };
}

export type NoteInventoryUsedActivities = ReturnType<typeof createNoteInventoryUsedActivities>;

export function createNoteInventoryUsedActivities({ datasets, usedInventory }: NoteInventoryUsedDependencies) {
  return {
    /** Notes, at the end of a run, which raw images it has used: until there are others no scheduled run has anything to do. */
    async noteInventoryUsed({ inventory }: { readonly inventory: string }): Promise<void> {
      const { runName, gitSha, createdAt, images } = await datasets.readInventory(inventory);
      await usedInventory.note({ inventory, runName, gitSha, createdAt, digest: toInventoryDigest(images), images: images.length });
    },
  };
}
