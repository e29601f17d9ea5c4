import type { StorageConfig } from './storage.ts';

/** Environment of a child process: this one's own, and what its settings have been decided to be. */
export function toChildEnvironment(overrides: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { ...process.env, ...overrides };
}

/** Environment of the `train` program: the storage account is all that it needs to be told. */
export function toTrainingEnvironment(storage: StorageConfig): Record<string, string | undefined> {
  return toChildEnvironment({
    ...('connectionString' in storage
      ? { BAROMETER_STORAGE_CONNECTION_STRING: storage.connectionString }
      : // A connection string that lies about in this environment would win.
        { BAROMETER_STORAGE_ACCOUNT_URL: storage.accountUrl, BAROMETER_STORAGE_CONNECTION_STRING: '' }),
    // It is meant for one training, and this process starts many.
    MLFLOW_RUN_ID: '',
  });
}
