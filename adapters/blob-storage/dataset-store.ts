import type { z } from 'zod';
import type { DatasetManifest, Inventory, SplitManifest } from '../../domain/dataset.ts';
import { datasetManifestSchema, inventorySchema, splitManifestSchema } from '../../domain/dataset.ts';
import type { Exclusions } from '../../domain/exclusions.ts';
import { exclusionsSchema } from '../../domain/exclusions.ts';
import type { ImageTransform } from '../../domain/image-transform.ts';
import { isSameDatasetTransform } from '../../domain/image-transform.ts';
import { CONTAINERS, processedKeys } from '../../domain/names.ts';
import type { BlobInfo, BlobStore } from './blob-store.ts';
import { findStored } from './find-stored.ts';
import { keepFirst } from './keep-first.ts';
import type { GreyPngCodec, SampleStore } from './sample-store.ts';
import { createSampleStore } from './sample-store.ts';
import { toSha256 } from './sha256.ts';
import { parseStored } from './stored-json.ts';

/**
 * The `processed` container: inventories, data sets, splits, and their samples. Every document is written once. Reading
 * fails with `not-found`, or with `data-corrupt` when a document does not fit its schema.
 */
export interface DatasetStore extends SampleStore {
  /** Files the inventory of a run, unless it has one. Returns the one that stands, and its key. */
  keepInventory(inventory: Inventory): Promise<{ readonly key: string; readonly inventory: Inventory }>;
  readInventory(key: string): Promise<Inventory>;

  /** Publishes a data set, unless its version is taken. Returns the one that stands. */
  keepDataset(manifest: DatasetManifest): Promise<DatasetManifest>;
  findDataset(version: string): Promise<DatasetManifest | null>;
  readDataset(version: string): Promise<DatasetManifest>;
  /** The newest data set made with this transform, or null. */
  newestDataset(transform: ImageTransform): Promise<DatasetManifest | null>;
  /** All data sets, newest first. */
  listDatasets(): AsyncIterable<DatasetManifest>;

  /**
   * Publishes a split, unless its version is taken. Returns the one that stands, which from then on is the newest: splits
   * are named by what they are made of, so that who asks for one again gets the same.
   */
  keepSplit(manifest: SplitManifest): Promise<SplitManifest>;
  findSplit(version: string): Promise<SplitManifest | null>;
  readSplit(version: string): Promise<SplitManifest>;
  /** The split with this transform that was asked for last, or null. */
  newestSplit(transform: ImageTransform): Promise<SplitManifest | null>;
  /** Files a list of raw images to leave out, by its content. Returns the digest that it is read by. */
  keepExclusions(exclusions: Exclusions): Promise<string>;
  readExclusions(digest: string): Promise<Exclusions>;

  /** All splits, the one that was asked for last first. */
  listSplits(): AsyncIterable<SplitManifest>;
}

const container = CONTAINERS.processed;

export function createDatasetStore(blobs: BlobStore, codec: GreyPngCodec): DatasetStore {
  async function read<T extends z.ZodType>(schema: T, key: string): Promise<z.output<T>> {
    return parseStored(schema, key, (await blobs.read(container, key)).bytes);
  }

  const find = <T extends z.ZodType>(schema: T, key: string) => findStored(blobs, container, key, schema);

  async function* readAll<T extends z.ZodType>(schema: T, prefix: string, order: (a: BlobInfo, b: BlobInfo) => number): AsyncGenerator<z.output<T>> {
    const found = await Array.fromAsync(blobs.list(container, prefix));
    for (const { name } of found.sort(order)) yield await read(schema, name);
  }

  const listDatasets = () => readAll(datasetManifestSchema, processedKeys.datasetPrefix, byNameDescending);
  const listSplits = () => readAll(splitManifestSchema, processedKeys.splitPrefix, byLastWriteDescending);

  return {
    ...createSampleStore(blobs, codec),

    async keepInventory(inventory) {
      const key = processedKeys.inventory(inventory.runName);
      return { key, inventory: await keepFirst(blobs, container, key, inventorySchema, inventory) };
    },
    readInventory: (key) => read(inventorySchema, key),

    keepDataset: (manifest) => keepFirst(blobs, container, processedKeys.dataset(manifest.version), datasetManifestSchema, manifest),
    findDataset: (version) => find(datasetManifestSchema, processedKeys.dataset(version)),
    readDataset: (version) => read(datasetManifestSchema, processedKeys.dataset(version)),
    newestDataset: (transform) => firstWith(listDatasets(), transform),
    listDatasets,

    async keepSplit(manifest) {
      const key = processedKeys.split(manifest.version);
      if (await blobs.create(container, key, JSON.stringify(manifest))) return manifest;
      const { bytes } = await blobs.read(container, key);
      const standing = parseStored(splitManifestSchema, key, bytes);
      // The very same bytes once more: only the time of the last write moves, which is what the newest goes by.
      await blobs.write(container, key, bytes);
      return standing;
    },
    findSplit: (version) => find(splitManifestSchema, processedKeys.split(version)),
    readSplit: (version) => read(splitManifestSchema, processedKeys.split(version)),
    async keepExclusions(exclusions) {
      const content = JSON.stringify(exclusions);
      const digest = toSha256(Buffer.from(content));
      await blobs.write(container, processedKeys.exclusions(digest), content);
      return digest;
    },
    readExclusions: (digest) => read(exclusionsSchema, processedKeys.exclusions(digest)),

    newestSplit: (transform) => firstWith(listSplits(), transform),
    listSplits,
  };
}

async function firstWith<T extends { readonly transform: ImageTransform }>(
  manifests: AsyncIterable<T>,
  transform: ImageTransform,
): Promise<T | null> {
  for await (const manifest of manifests) if (isSameDatasetTransform(manifest.transform, transform)) return manifest;
  return null;
}

/** Data sets are named by their runs, whose names sort by time. */
function byNameDescending(a: BlobInfo, b: BlobInfo): number {
  return a.name < b.name ? 1 : -1;
}

function byLastWriteDescending(a: BlobInfo, b: BlobInfo): number {
  return b.lastModified.getTime() - a.lastModified.getTime() || byNameDescending(a, b);
}
