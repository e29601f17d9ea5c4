import { z } from 'zod';
import { gitShaSchema } from './git-sha.ts';

/** What runs that came to their end have used their images for; who trains has also processed them. */
export type InventoryUse = 'process' | 'train';

/** The newest list of raw images that a run has gone to its end with: what scheduled runs tell new images by. */
export const usedInventorySchema = z.object({
  /** Where the list lies in the `processed` container. */
  inventory: z.string(),
  /** The run that took it, and when. */
  runName: z.string(),
  gitSha: gitShaSchema,
  createdAt: z.iso.datetime(),
  /** Of names and ETags, as `activities/content-digest.ts` makes it. */
  digest: z.string(),
  images: z.int().nonnegative(),
});
export type UsedInventory = z.infer<typeof usedInventorySchema>;
