import { createStores } from '../adapters/blob-storage/stores.ts';
import type { Stores } from '../adapters/blob-storage/stores.ts';
import { greyPngCodec } from '../adapters/vision/grey-png.ts';
import type { Config } from '../config/config.ts';

/** The storage account that the settings name. */
export function openStores({ storage }: Pick<Config, 'storage'>): Stores {
  return createStores(storage, greyPngCodec);
}
