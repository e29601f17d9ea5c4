import type { BatchOutcome, DatasetManifest, Inventory, RawImage, Refusal, Shard } from '../domain/dataset.ts';
import { countByLabel } from '../domain/dataset.ts';
import { grow, isSameContent, planGrowth } from '../domain/dataset-growth.ts';
import type { Emotion } from '../domain/emotion.ts';
import { Failure } from '../domain/failure.ts';
import type { ImageLimits, ImageTransform } from '../domain/image-transform.ts';
import { IMAGE_TRANSFORM } from '../domain/image-transform.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { ImageDependencies, ResizedSample } from './resize-images.ts';
import { resizeImages } from './resize-images.ts';

interface PlanNote {
  readonly previousDataset: string | null;
  readonly limits: ImageLimits;
  readonly shardSize: number;
}

export interface ResizeDependencies extends ImageDependencies {
  readonly datasets: {
    readInventory(key: string): Promise<Inventory>;
    newestDataset(transform: ImageTransform): Promise<DatasetManifest | null>;
    findDataset(version: string): Promise<DatasetManifest | null>;
    readDataset(version: string): Promise<DatasetManifest>;
    /** Publishes a data set, unless its version is taken. Returns the one that stands. */
    keepDataset(manifest: DatasetManifest): Promise<DatasetManifest>;
    saveShard(samples: readonly ResizedSample[]): Promise<Shard>;
  };
  /** The run's own notes; of those that are kept, the first stands and is returned. */
  readonly resizes: {
    keepPlan(runName: string, plan: PlanNote): Promise<PlanNote>;
    readPlan(runName: string): Promise<PlanNote>;
    saveBatch(runName: string, batch: number, images: readonly RawImage[]): Promise<void>;
    readBatch(runName: string, batch: number): Promise<RawImage[]>;
    keepOutcome(runName: string, batch: number, outcome: BatchOutcome): Promise<BatchOutcome>;
    findOutcome(runName: string, batch: number): Promise<BatchOutcome | null>;
    /** Returns where the list lies. */
    saveRefused(runName: string, refused: readonly Refusal[]): Promise<string>;
  };
  readonly limits: ImageLimits;
  /** Raw images in one batch, and so at most in one shard. */
  readonly shardSize: number;
  /** A run stops when more than this share of all raw images can't be used. */
  readonly maxRefusedShare: number;
}

export interface PlanRequest {
  readonly runName: string;
  /** Where the run's inventory lies. */
  readonly inventory: string;
}

export interface PlanSummary {
  readonly batches: number;
  /** Raw images in the batches. */
  readonly newImages: number;
  readonly unchangedImages: number;
  readonly removedImages: number;
  /** The data set that the run builds on. */
  readonly previousDataset: string | null;
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

export interface PublishRequest {
  readonly runName: string;
  readonly gitSha: string;
  readonly inventory: string;
  readonly previousDataset: string | null;
  readonly batches: readonly BatchSummary[];
}

export interface DatasetSummary {
  readonly version: string;
  readonly counts: Record<Emotion, number>;
  readonly refused: number;
  readonly newSamples: number;
  readonly shards: number;
  /** True when there was nothing new and the data set before stays. */
  readonly unchanged: boolean;
}

export type ResizeActivities = ReturnType<typeof createResizeActivities>;

export function createResizeActivities(dependencies: ResizeDependencies) {
  const { datasets, resizes, limits, shardSize, maxRefusedShare } = dependencies;

  return {
    /** Finds the raw images that the newest data set does not know yet, and files them in batches. */
    async planResize({ runName, inventory: inventoryKey }: PlanRequest): Promise<PlanSummary> {
      return withHeartbeat(async (report, signal) => {
        const inventory = await datasets.readInventory(inventoryKey);
        const newest = await datasets.newestDataset(IMAGE_TRANSFORM);
        const note = await resizes.keepPlan(runName, { previousDataset: newest?.version ?? null, limits, shardSize });
        const previous = note.previousDataset === (newest?.version ?? null) ? newest : await findPrevious(note.previousDataset);
        const plan = planGrowth(inventory, previous, note.limits);
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
        const { samples, refused } = await resizeImages(images, dependencies, { limits: plan.limits, signal, onProgress });
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
      return withHeartbeat(async () => {
        const newSamples = request.batches.reduce((total, { samples }) => total + samples, 0);
        const earlier = await datasets.findDataset(request.runName);
        if (earlier !== null) return toDatasetSummary(earlier, { newSamples, unchanged: false });

        const inventory = await datasets.readInventory(request.inventory);
        const previous = await findPrevious(request.previousDataset);
        const { limits: limitsOfRun } = await resizes.readPlan(request.runName);
        const outcomes = await readOutcomes(request);
        const content = { ...grow(planGrowth(inventory, previous, limitsOfRun), outcomes), limits: limitsOfRun };
        await stopIfTooManyRefused(request.runName, content.refused, inventory.images.length);
        if (previous !== null && isSameContent(previous, content)) return toDatasetSummary(previous, { newSamples: 0, unchanged: true });

        const manifest = toManifest(request, content);
        return toDatasetSummary(await datasets.keepDataset(manifest), { newSamples, unchanged: false });
      });
    },
  };

  async function findPrevious(version: string | null): Promise<DatasetManifest | null> {
    return version === null ? null : datasets.readDataset(version);
  }

  async function readOutcomes({ runName, batches }: PublishRequest): Promise<BatchOutcome[]> {
    const outcomes: BatchOutcome[] = [];
    for (const batch of batches.keys()) {
      const outcome = await resizes.findOutcome(runName, batch);
      if (outcome === null) throw new Failure('data-corrupt', `Run ${runName} lacks the outcome of batch ${batch}, which was finished; was it deleted?`);
      outcomes.push(outcome);
    }
    return outcomes;
  }

  async function stopIfTooManyRefused(runName: string, refused: readonly Refusal[], images: number): Promise<void> {
    if (refused.length <= maxRefusedShare * images) return;
    const where = await resizes.saveRefused(runName, refused);
    throw new Failure('too-many-refused', toRefusedMessage(refused, images, maxRefusedShare, where));
  }
}

function toBatches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

function toManifest({ runName, gitSha }: PublishRequest, content: Pick<DatasetManifest, 'shards' | 'refused' | 'limits'>): DatasetManifest {
  return {
    runName,
    gitSha,
    createdAt: new Date().toISOString(),
    version: runName,
    transform: IMAGE_TRANSFORM,
    counts: countByLabel(content.shards.flatMap((shard) => shard.samples)),
    ...content,
  };
}

function toBatchSummary({ shard, refused }: BatchOutcome): BatchSummary {
  return { shard: shard?.digest ?? null, samples: shard?.samples.length ?? 0, refused: refused.length };
}

function toDatasetSummary(
  { version, counts, refused, shards }: DatasetManifest,
  rest: Pick<DatasetSummary, 'newSamples' | 'unchanged'>,
): DatasetSummary {
  return { version, counts, refused: refused.length, shards: shards.length, ...rest };
}

const NAMES_IN_MESSAGE = 5;

function toRefusedMessage(refused: readonly Refusal[], images: number, maxRefusedShare: number, where: string): string {
  const byReason = [...Map.groupBy(refused, ({ reason }) => reason)].map(([reason, { length }]) => `${length} ${reason}`).join(', ');
  const names = refused.slice(0, NAMES_IN_MESSAGE).map(({ name, reason }) => `${name} (${reason})`).join(', ');
  const rest = refused.length > NAMES_IN_MESSAGE ? ', …' : '';
  return (
    `${refused.length} of ${images} raw images can't be used (${byReason}), more than the allowed ${(maxRefusedShare * 100).toFixed(0)} %: ` +
    `${names}${rest}. The whole list is in ${where}. Replace or delete these images, or raise BAROMETER_MAX_REFUSED_SHARE.`
  );
}
