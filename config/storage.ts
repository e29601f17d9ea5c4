import { z } from 'zod';
import type { EmbeddedConfig } from './embedded.ts';
import type { Given } from './setting.ts';
import { httpUrl } from './setting.ts';

/** The storage account; the embedded Azurite when nothing is said. */
export const storageSettings = {
  /** Connection string (of Azurite, or with an account key). Wins over the account URL. */
  BAROMETER_STORAGE_CONNECTION_STRING: z.string().optional(),
  /** `https://<account>.blob.core.windows.net`, signed in to with DefaultAzureCredential. */
  BAROMETER_STORAGE_ACCOUNT_URL: httpUrl.optional(),
};

/** How to reach the storage account: by connection string, or by URL with the identity of the process. */
export type StorageConfig =
  | { readonly connectionString: string }
  | { readonly accountUrl: string };

export function toStorageConfig(given: Given<typeof storageSettings>, { azuritePort }: EmbeddedConfig): StorageConfig {
  if (given.BAROMETER_STORAGE_CONNECTION_STRING) return { connectionString: given.BAROMETER_STORAGE_CONNECTION_STRING };
  if (given.BAROMETER_STORAGE_ACCOUNT_URL) return { accountUrl: given.BAROMETER_STORAGE_ACCOUNT_URL };
  return { connectionString: toAzuriteConnectionString(azuritePort) };
}

/** The account that Azurite serves out of the box; its key is public and part of Azurite's documentation. */
export function toAzuriteConnectionString(azuritePort: number): string {
  return [
    'DefaultEndpointsProtocol=http',
    'AccountName=devstoreaccount1',
    'AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
    `BlobEndpoint=http://127.0.0.1:${azuritePort}/devstoreaccount1`,
  ].join(';');
}
