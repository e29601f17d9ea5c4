import type { Client } from '@temporalio/client';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import { loadConfig } from '../../config/config.ts';
import type { Config } from '../../config/config.ts';
import { openStores } from '../open-stores.ts';
import { withTemporal } from '../with-temporal.ts';

/** What commands about runs work with. */
export interface RunSources {
  readonly config: Config;
  readonly client: Client;
  readonly stores: Stores;
}

/**
 * Does something with the runs of the Temporal server and of the storage account that the settings name, and closes the
 * connection afterwards.
 *
 * @throws Failure as {@link withTemporal} does
 */
export async function withRuns<T>(work: (sources: RunSources) => Promise<T>): Promise<T> {
  const config = loadConfig();
  return withTemporal(config, ({ client }) => work({ config, client, stores: openStores(config) }));
}
