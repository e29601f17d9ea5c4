import type { BatchOutcome, DatasetManifest, RawImage, Shard } from '../domain/dataset.ts';
import { planGrowth, withoutShards } from '../domain/dataset-growth.ts';
import type { ImageLimits, ImageTransform } from '../domain/image-transform.ts';
import { toDatasetTransform } from '../domain/image-transform.ts';
import type { Recollection } from '../domain/step-memory.ts';
import { toDatasetDigest } from './content-digest.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { DatasetSummary, PublishDependencies, PublishRequest } from './publish-dataset.ts';
import { publishDataset, toDatasetSummary, toResizeInputs } from './publish-dataset.ts';
import { createRememberedWork } from './remembered.ts';
import type { ImageDependencies, PrepareImage, ResizedSample } from './resize-images.ts';
import { resizeImages } from './resize-images.ts';

interface PlanNote {
  readonly previousDataset: string | null;
  readonly missingShards: readonly string[];
  readonly limits: ImageLimits;
  readonly shardSize: number;
  readonly cropFaces: boolean;
  readonly code: string | null;
}

export interface ResizeDependencies extends Pick<ImageDependencies, 'blobs'>, PublishDependencies {
  /** @throws Failure `image-too-large`, `image-unsupported`, `image-unreadable` */
  readonly toGreyPixels: PrepareImage;
  /** Lends what takes a photo's one face instead of the whole of it; it fails as `toGreyPixels` does. */
  readonly withFaceCutter: <T>(work: (cutFace: PrepareImage) => Promise<T>) => Promise<T>;
  readonly datasets: PublishDependencies['datasets'] & {
    newestDataset(transform: ImageTransform): Promise<DatasetManifest | null>;
    saveShard(samples: readonly ResizedSample[]): Promise<Shard>;
  };
  /** The run's own notes; of those that are kept, the first stands and is returned. */
  readonly resizes: PublishDependencies['resizes'] & {
    keepPlan(runName: string, plan: PlanNote): Promise<PlanNote>;
    findPlan(runName: string): Promise<PlanNote | null>;
    saveBatch(runName: string, batch: number, images: readonly RawImage[]): Promise<void>;
    readBatch(runName: string, batch: number): Promise<RawImage[]>;
    keepOutcome(runName: string, batch: number, outcome: BatchOutcome): Promise<BatchOutcome>;
  };
  readonly limits: ImageLimits;
  /** Raw images in one batch, and so at most in one shard. */
  readonly shardSize: number;
}

export interface PlanRequest {
  readonly runName: string;
  /** Where the run's inventory lies. */
  readonly inventory: string;
  /** False: everything is resized anew. Missing in requests of before that was asked. */
  readonly useCache?: boolean;
  /** Take each photo's one face instead of the whole of it. Missing in requests of before that could be asked. */
  readonly cropFaces?: boolean;
}

export interface PlanSummary {
  readonly batches: number;
  /** Raw images in the batches. */
  readonly newImages: number;
  readonly unchangedImages: number;
  readonly removedImages: number;
  /** The data set that the run builds on. */
  readonly previousDataset: string | null;
  /** An earlier run made the data set of these very images, and it is whole: nothing is to be done. */
  readonly former?: { readonly dataset: DatasetSummary; readonly cachedFrom: string };
}

export interface BatchRequest {
  readonly runName: string;
  /** Counts from 0. */
  readonly batch: number;
}

export interface BatchSummary {
  /** Null when nothing in the batch could be used. */
  readonly shard: string | null;
  readonly samples: number;
  readonly refused: number;
}

export type ResizeActivities = ReturnType<typeof createResizeActivities>;

export function createResizeActivities(dependencies: ResizeDependencies) {
  const { blobs, toGreyPixels, withFaceCutter, datasets, resizes, limits, shardSize, maxRefusedShare, memory, readCode } = dependencies;
  const work = createRememberedWork(memory, 'resize');

  return {
    /**
     * Finds the raw images that the newest data set does not know yet, or no longer has, and files them in batches. What an
     * attempt has begun the next one goes on with.
     */
    async planResize({ runName, inventory: inventoryKey, useCache = true, cropFaces = false }: PlanRequest): Promise<PlanSummary> {
      return withHeartbeat(async (report, signal) => {
        const inventory = await datasets.readInventory(inventoryKey);
        const begun = await resizes.findPlan(runName);
        const newest = useCache && begun === null ? await datasets.newestDataset(toDatasetTransform({ cropFaces })) : null;
        const missingShards = newest === null ? [] : await datasets.findMissingShards(newest.shards);
        const code = await readCode();
        if (newest !== null && missingShards.length === 0) {
          const inputs = toResizeInputs(inventory, { limits, cropFaces, maxRefusedShare, code });
          const former = await work.reuse(inputs, async (recollection) => toFormer(newest, recollection));
          if (former !== null) return { batches: 0, newImages: 0, unchangedImages: inventory.images.length, removedImages: 0, previousDataset: newest.version, former };
        }
        const note = begun ?? (await resizes.keepPlan(runName, { previousDataset: newest?.version ?? null, missingShards, limits, shardSize, cropFaces, code }));
        const previous = note.previousDataset === (newest?.version ?? null) ? newest : await findPrevious(note.previousDataset);
        const plan = planGrowth(inventory, previous === null ? null : withoutShards(previous, note.missingShards), note.limits);
        const batches = toBatches(plan.toResize, note.shardSize);
        for (const [batch, images] of batches.entries()) {
          signal.throwIfAborted();
          await resizes.saveBatch(runName, batch, images);
          report({ batches: batch + 1, ofBatches: batches.length });
        }
        const { toResize, unchangedImages, removedImages } = plan;
        return { batches: batches.length, newImages: toResize.length, unchangedImages, removedImages, previousDataset: note.previousDataset };
      });
    },

    /** Turns one batch of raw images into one shard of samples; images that can't be used are listed with the reason. */
    async resizeBatch({ runName, batch }: BatchRequest): Promise<BatchSummary> {
      const earlier = await resizes.findOutcome(runName, batch);
      if (earlier !== null) return toBatchSummary(earlier);

      const images = await resizes.readBatch(runName, batch);
      const plan = await resizes.readPlan(runName);
      return withHeartbeat(async (report, signal) => {
        const onProgress = (imagesDone: number): void => {
          report({ images: imagesDone, ofImages: images.length });
        };
        const resize = (prepare: PrepareImage) => resizeImages(images, { blobs, prepare }, { limits: plan.limits, signal, onProgress });
        const { samples, refused } = await (plan.cropFaces ? withFaceCutter(resize) : resize(toGreyPixels));
        signal.throwIfAborted();
        const shard = samples.length === 0 ? null : await datasets.saveShard(samples);
        return toBatchSummary(await resizes.keepOutcome(runName, batch, { shard, refused: [...refused] }));
      });
    },

    /**
     * Publishes what is there now as the data set of this run. When nothing came and nothing went, the data set before
     * stays the newest.
     */
    async publishDataset(request: PublishRequest): Promise<DatasetSummary> {
      return withHeartbeat((_report, signal) => publishDataset(request, dependencies, signal));
    },
  };

  async function findPrevious(version: string | null): Promise<DatasetManifest | null> {
    return version === null ? null : datasets.readDataset(version);
  }
}

/**
 * Only what is still the newest: a run that skips these steps takes the newest, and must not get other images than the one
 * before it.
 */
function toFormer(newest: DatasetManifest, { output }: Recollection): NonNullable<PlanSummary['former']> | null {
  if (output.name !== newest.version || output.digest !== toDatasetDigest(newest)) return null;
  return { dataset: toDatasetSummary(newest, { newSamples: 0, unchanged: true }), cachedFrom: newest.runName };
}

function toBatches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

function toBatchSummary({ shard, refused }: BatchOutcome): BatchSummary {
  return { shard: shard?.digest ?? null, samples: shard?.samples.length ?? 0, refused: refused.length };
}
