import type { Client } from '@temporalio/client';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import { toServiceFailure } from '../../adapters/temporal/service-failure.ts';
import { loadConfig } from '../../config/config.ts';
import type { Config } from '../../config/config.ts';
import { openStores } from '../open-stores.ts';
import { openTemporal } from '../open-temporal.ts';

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
 * @throws Failure in plain words when the server does not answer, has no such namespace, or turns us away
 */
export async function withRuns<T>(work: (sources: RunSources) => Promise<T>): Promise<T> {
  const config = loadConfig();
  const { client, close } = await openTemporal(config);
  try {
    return await work({ config, client, stores: openStores(config) });
  } catch (error) {
    throw toServiceFailure(error, config.temporal);
  } finally {
    await close();
  }
}
