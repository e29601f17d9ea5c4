import type { StorageConfig } from '../../config/storage.ts';
import { MODEL_NAME } from '../../domain/names.ts';
import { createApiKeyStore } from './api-key-store.ts';
import type { ApiKeyStore } from './api-key-store.ts';
import { createAzureBlobStore } from './azure-blob-store.ts';
import type { BlobStore } from './blob-store.ts';
import { createDatasetStore } from './dataset-store.ts';
import type { DatasetStore } from './dataset-store.ts';
import { createMoodAlertStore } from './mood-alert-store.ts';
import type { MoodAlertStore } from './mood-alert-store.ts';
import { createModelRegistry } from './model-registry.ts';
import type { ModelRegistry } from './model-registry.ts';
import { createResizeStore } from './resize-store.ts';
import type { ResizeStore } from './resize-store.ts';
import { createRunStore } from './run-store.ts';
import type { RunStore } from './run-store.ts';
import type { GreyPngCodec } from './sample-store.ts';
import { createStepMemory } from './step-memory.ts';
import type { StepMemory } from './step-memory.ts';
import { createVenueStore } from './venue-store.ts';
import type { VenueStore } from './venue-store.ts';

/** Everything that lies in the storage account, by what it is for. */
export interface Stores {
  readonly blobs: BlobStore;
  readonly datasets: DatasetStore;
  readonly resizes: ResizeStore;
  readonly runs: RunStore;
  readonly registry: ModelRegistry;
  readonly memory: StepMemory;
  readonly apiKeys: ApiKeyStore;
  readonly venues: VenueStore;
  readonly moodAlerts: MoodAlertStore;
}

/** Opens a storage account. Nothing is sent before the first use. */
export function createStores(storage: StorageConfig, codec: GreyPngCodec): Stores {
  const blobs = createAzureBlobStore(storage);
  return {
    blobs,
    datasets: createDatasetStore(blobs, codec),
    resizes: createResizeStore(blobs),
    runs: createRunStore(blobs),
    registry: createModelRegistry(blobs, MODEL_NAME),
    memory: createStepMemory(blobs),
    apiKeys: createApiKeyStore(blobs),
    venues: createVenueStore(blobs),
    moodAlerts: createMoodAlertStore(blobs),
  };
}
