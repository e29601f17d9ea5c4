import type { BatchOutcome, DatasetManifest, Inventory, Refusal, Shard } from '../domain/dataset.ts';
import { countByLabel } from '../domain/dataset.ts';
import { grow, isSameContent, planGrowth, toMergeGroups, withoutShards } from '../domain/dataset-growth.ts';
import type { DatasetContent } from '../domain/dataset-growth.ts';
import type { Emotion } from '../domain/emotion.ts';
import { Failure } from '../domain/failure.ts';
import type { ImageLimits } from '../domain/image-transform.ts';
import { toDatasetTransform } from '../domain/image-transform.ts';
import type { StepInputs } from '../domain/step-memory.ts';
import { toDatasetDigest, toInventoryDigest } from './content-digest.ts';
import type { StepMemory } from './remembered.ts';
import { createRememberedWork } from './remembered.ts';

export interface PublishDependencies {
  readonly datasets: {
    readInventory(key: string): Promise<Inventory>;
    findDataset(version: string): Promise<DatasetManifest | null>;
    readDataset(version: string): Promise<DatasetManifest>;
    /** Publishes a data set, unless its version is taken. Returns the one that stands. */
    keepDataset(manifest: DatasetManifest): Promise<DatasetManifest>;
    /** Copies what counts of several shards into one. */
    mergeShards(shards: readonly Shard[]): Promise<Shard>;
    findMissingShards(shards: readonly Shard[]): Promise<string[]>;
  };
  readonly resizes: {
    readPlan(runName: string): Promise<ResizePlan>;
    findOutcome(runName: string, batch: number): Promise<BatchOutcome | null>;
    /** Returns where the list lies. */
    saveRefused(runName: string, refused: readonly Refusal[]): Promise<string>;
  };
  /** A run stops when more than this share of all raw images can't be used. */
  readonly maxRefusedShare: number;
  readonly memory: StepMemory;
  /** The version of the code that resizes. */
  readonly readCode: () => Promise<string>;
}

interface ResizePlan {
  readonly missingShards: readonly string[];
  readonly limits: ImageLimits;
  readonly shardSize: number;
  readonly cropFaces: boolean;
  readonly code: string | null;
}

export interface PublishRequest {
  readonly runName: string;
  readonly gitSha: string;
  readonly inventory: string;
  readonly previousDataset: string | null;
  /** What became of each batch, in their order. */
  readonly batches: readonly { readonly samples: number }[];
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

/**
 * Publishes what the raw container and the finished batches make together. See the activity of this name.
 *
 * @throws the signal's reason when it is aborted before the data set is published
 */
export async function publishDataset(
  request: PublishRequest,
  { datasets, resizes, maxRefusedShare, memory, readCode }: PublishDependencies,
  signal: AbortSignal,
): Promise<DatasetSummary> {
  const newSamples = request.batches.reduce((total, { samples }) => total + samples, 0);
  const inventory = await datasets.readInventory(request.inventory);
  const previous = request.previousDataset === null ? null : await datasets.readDataset(request.previousDataset);
  const plan = await resizes.readPlan(request.runName);
  const { limits, shardSize, cropFaces } = plan;
  const dataset = (await datasets.findDataset(request.runName)) ?? (await publish());
  await remember(dataset);
  const unchanged = dataset.version !== request.runName;
  return toDatasetSummary(dataset, { newSamples: unchanged ? 0 : newSamples, unchanged });

  async function publish(): Promise<DatasetManifest> {
    const growth = planGrowth(inventory, previous === null ? null : withoutShards(previous, plan.missingShards), limits);
    const content = { ...grow(growth, await readOutcomes()), limits };
    await stopIfTooManyRefused(content.refused, inventory.images.length);
    if (previous !== null && isSameContent(previous, content) && (await isWhole(previous))) return previous;

    const manifest = toManifest(request, { ...content, transform: toDatasetTransform({ cropFaces }), shards: await mergeSmall(content.shards, shardSize) });
    signal.throwIfAborted();
    return datasets.keepDataset(manifest);
  }

  /** What was missing may have come back the very same, or cut into other shards. */
  async function isWhole({ shards }: DatasetManifest): Promise<boolean> {
    return plan.missingShards.length === 0 || (await datasets.findMissingShards(shards)).length === 0;
  }

  async function remember(made: DatasetManifest): Promise<void> {
    const code = await readCode();
    // Begun by another version of the code, it is neither's; and an image that vanished meanwhile may be there the next time.
    if (code !== plan.code || made.refused.some(({ reason }) => reason === 'gone')) return;
    const inputs = toResizeInputs(inventory, { limits, cropFaces, maxRefusedShare, code });
    const output = { name: made.version, digest: toDatasetDigest(made) };
    await createRememberedWork(memory, 'resize').remember(inputs, { output, runName: made.runName, gitSha: made.gitSha });
  }

  async function readOutcomes(): Promise<BatchOutcome[]> {
    const outcomes: BatchOutcome[] = [];
    for (const batch of request.batches.keys()) {
      signal.throwIfAborted();
      const outcome = await resizes.findOutcome(request.runName, batch);
      if (outcome === null) {
        throw new Failure('data-corrupt', `Run ${request.runName} lacks the outcome of batch ${batch}, which was finished; was it deleted?`);
      }
      outcomes.push(outcome);
    }
    return outcomes;
  }

  async function stopIfTooManyRefused(refused: readonly Refusal[], images: number): Promise<void> {
    if (refused.length <= maxRefusedShare * images) return;
    const where = await resizes.saveRefused(request.runName, refused);
    throw new Failure('too-many-refused', toRefusedMessage(refused, images, maxRefusedShare, where));
  }

  async function mergeSmall(shards: readonly Shard[], size: number): Promise<Shard[]> {
    const groups = toMergeGroups(shards, size);
    const merged: Shard[] = [];
    for (const group of groups) {
      signal.throwIfAborted();
      merged.push(await datasets.mergeShards(group));
    }
    const replaced = new Set(groups.flat());
    return [...shards.filter((shard) => !replaced.has(shard)), ...merged];
  }
}

function toManifest({ runName, gitSha }: PublishRequest, content: DatasetContent & Pick<DatasetManifest, 'transform'>): DatasetManifest {
  return {
    runName,
    gitSha,
    createdAt: new Date().toISOString(),
    version: runName,
    counts: countByLabel(content.shards.flatMap((shard) => shard.samples)),
    ...content,
  };
}

export function toResizeInputs(
  { images }: Inventory,
  { limits, cropFaces, maxRefusedShare, code }: { readonly limits: ImageLimits; readonly cropFaces: boolean; readonly maxRefusedShare: number; readonly code: string },
): StepInputs {
  return { images: toInventoryDigest(images), limits, transform: toDatasetTransform({ cropFaces }), maxRefusedShare, code };
}

export function toDatasetSummary(
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
