import type { Inventory } from '../domain/dataset.ts';
import { toImageIdentity } from '../domain/dataset.ts';
import { isFailure } from '../domain/failure.ts';
import type { Container } from '../domain/names.ts';
import { CONTAINERS } from '../domain/names.ts';
import { toRawLabel } from '../domain/raw-label.ts';
import type { NewImages } from '../domain/scheduled-run.ts';
import type { InventoryUse, UsedInventory } from '../domain/used-inventory.ts';
import { toInventoryDigest } from './content-digest.ts';
import { withHeartbeat } from './heartbeat.ts';

interface RawBlob {
  readonly name: string;
  readonly etag: string;
  readonly lastModified: Date;
}

export interface CheckNewImagesDependencies {
  readonly blobs: { list(container: Container): AsyncIterable<RawBlob> };
  readonly datasets: { readInventory(key: string): Promise<Inventory> };
  readonly usedInventory: { find(use: InventoryUse): Promise<UsedInventory | null> };
}

export type CheckNewImagesActivities = ReturnType<typeof createCheckNewImagesActivities>;

const LISTED_BETWEEN_REPORTS = 5_000;

export function createCheckNewImagesActivities({ blobs, datasets, usedInventory }: CheckNewImagesDependencies) {
  return {
    /** Compares what lies in the raw container with what the newest run that came to its end has used so. Reads names, no image. */
    async checkNewImages({ use }: { readonly use: InventoryUse }): Promise<NewImages> {
      const images = await withHeartbeat(listImages);
      const digest = toInventoryDigest(images);
      const used = await usedInventory.find(use);
      if (used?.digest === digest) return { images: images.length, digest, isChanged: false, newImages: 0, newestAgeMs: null, oldestAgeMs: null };
      const known = used === null ? new Set<string>() : await readKnown(used);
      const ages = images.filter((image) => !known.has(toImageIdentity(image))).map(({ lastModified }) => Date.now() - lastModified.getTime());
      return { images: images.length, digest, isChanged: true, newImages: ages.length, newestAgeMs: least(ages), oldestAgeMs: most(ages) };
    },
  };

  async function listImages(report: (details: unknown) => void, signal: AbortSignal): Promise<RawBlob[]> {
    const images: RawBlob[] = [];
    let listed = 0;
    for await (const { name, etag, lastModified } of blobs.list(CONTAINERS.raw)) {
      if (toRawLabel(name) !== null) images.push({ name, etag, lastModified });
      listed += 1;
      if (listed % LISTED_BETWEEN_REPORTS !== 0) continue;
      signal.throwIfAborted();
      report({ images: images.length });
    }
    return images;
  }

  /** All images count as new where somebody has removed the list of the old ones. */
  async function readKnown({ inventory }: UsedInventory): Promise<Set<string>> {
    try {
      return new Set((await datasets.readInventory(inventory)).images.map(toImageIdentity));
    } catch (error) {
      if (isFailure(error, 'not-found')) return new Set();
      throw error;
    }
  }
}

/** Of none null. Not Math.min(...), whose arguments end the stack when there are many. */
function least(numbers: readonly number[]): number | null {
  return numbers.reduce<number | null>((found, number) => (found === null || number < found ? number : found), null);
}

function most(numbers: readonly number[]): number | null {
  return numbers.reduce<number | null>((found, number) => (found === null || number > found ? number : found), null);
}
