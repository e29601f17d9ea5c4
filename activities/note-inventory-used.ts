import type { Inventory } from '../domain/dataset.ts';
import type { InventoryUse, UsedInventory } from '../domain/used-inventory.ts';
import { toInventoryDigest } from './content-digest.ts';

export interface NoteInventoryUsedDependencies {
  readonly datasets: { readInventory(key: string): Promise<Inventory> };
  readonly usedInventory: {
    /** A newer one stays. */
    note(use: InventoryUse, used: UsedInventory): Promise<void>;
  };
}

export interface UsedInventoryNote {
  /** Its key in the `processed` container. */
  readonly inventory: string;
  /** Whether the run has trained, and not only processed the images. */
  readonly trained: boolean;
}

export type NoteInventoryUsedActivities = ReturnType<typeof createNoteInventoryUsedActivities>;

export function createNoteInventoryUsedActivities({ datasets, usedInventory }: NoteInventoryUsedDependencies) {
  return {
    /** Notes, at the end of a run, which raw images it has used: until there are others no scheduled run has anything to do. */
    async noteInventoryUsed({ inventory, trained }: UsedInventoryNote): Promise<void> {
      const { runName, gitSha, createdAt, images } = await datasets.readInventory(inventory);
      const used: UsedInventory = { inventory, runName, gitSha, createdAt, digest: toInventoryDigest(images), images: images.length };
      await usedInventory.note('process', used);
      if (trained) await usedInventory.note('train', used);
    },
  };
}
