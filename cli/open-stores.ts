import { createStores } from '../adapters/blob-storage/stores.ts';
import type { Stores } from '../adapters/blob-storage/stores.ts';
import { greyPngCodec } from '../adapters/vision/grey-png.ts';
import type { Config } from '../config/config.ts';
import { isFailure } from '../domain/failure.ts';

/** What is listed; nothing in an account that nobody has used, for it has no containers yet. */
export async function listOrNone<T>(listed: Promise<T[]>): Promise<T[]> {
  return listed.catch((error: unknown) => {
    if (isFailure(error, 'not-found')) return [];
    throw error;
  });
}

/** The storage account that the settings name. */
export function openStores({ storage }: Pick<Config, 'storage'>): Stores {
  return createStores(storage, greyPngCodec);
}
