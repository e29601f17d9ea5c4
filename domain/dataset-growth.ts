import type { BatchOutcome, DatasetManifest, Inventory, RawImage, Refusal, Shard } from './dataset.ts';
import { toImageIdentity } from './dataset.ts';
import type { ImageLimits } from './image-transform.ts';
import { isSameLimits } from './image-transform.ts';

/** What a new version takes over from the one before it, and which raw images are left to resize. */
export interface GrowthPlan {
  readonly toResize: readonly RawImage[];
  readonly keptShards: readonly Shard[];
  readonly keptRefusals: readonly Refusal[];
  /** Raw images that need no work: their samples, or their refusals, are there. */
  readonly unchangedImages: number;
  /** Images of the version before that are no longer in the raw container. */
  readonly removedImages: number;
}

/**
 * Compares what lies in the raw container with the newest data set. A raw image is known by its name and ETag, so that one
 * that was replaced counts as new. Refused images are not tried again, except those that are worth it: ones that had
 * vanished, and after a change of the limits ones that were too large.
 */
export function planGrowth(inventory: Inventory, previous: DatasetManifest | null, limits: ImageLimits): GrowthPlan {
  const present = new Set(inventory.images.map(toImageIdentity));
  const keptShards = (previous?.shards ?? [])
    .map((shard) => ({ ...shard, samples: shard.samples.filter((sample) => present.has(toImageIdentity(sample))) }))
    .filter((shard) => shard.samples.length > 0);
  const limitsStand = previous !== null && isSameLimits(previous.limits, limits);
  const keptRefusals = (previous?.refused ?? []).filter(
    (refusal) => present.has(toImageIdentity(refusal)) && refusal.reason !== 'gone' && (refusal.reason !== 'too-large' || limitsStand),
  );
  const known = new Set([...keptShards.flatMap((shard) => shard.samples), ...keptRefusals].map(toImageIdentity));
  const toResize = inventory.images.filter((image) => !known.has(toImageIdentity(image)));
  return {
    toResize,
    keptShards,
    keptRefusals,
    unchangedImages: inventory.images.length - toResize.length,
    removedImages: countRemoved(inventory, previous),
  };
}

/** The data set as if it had never had these shards: what was in them is to be made again. */
export function withoutShards(dataset: DatasetManifest, missing: readonly string[]): DatasetManifest {
  const gone = new Set(missing);
  return { ...dataset, shards: dataset.shards.filter(({ digest }) => !gone.has(digest)) };
}

export type DatasetContent = Pick<DatasetManifest, 'shards' | 'refused' | 'limits'>;

/** The shards and refusals of the next version. */
export function grow(plan: GrowthPlan, outcomes: readonly BatchOutcome[]): Pick<DatasetManifest, 'shards' | 'refused'> {
  const shards = new Map(plan.keptShards.map((shard) => [shard.digest, shard]));
  for (const { shard } of outcomes) {
    if (shard === null) continue;
    // Copies of the very same images under other names make the very same shard.
    const same = shards.get(shard.digest);
    shards.set(shard.digest, same === undefined ? shard : { ...shard, samples: [...same.samples, ...shard.samples] });
  }
  const refused = [...plan.keptRefusals, ...outcomes.flatMap((outcome) => outcome.refused)];
  return { shards: [...shards.values()], refused: refused.toSorted(byName) };
}

/** A data set that grows by a few images a day would otherwise end as thousands of tiny blobs. */
const MAX_SMALL_SHARDS = 8;

/**
 * Which shards to merge into one each: once there are more than a few that are less than half full, those, as many
 * together as fit. Whatever is half full is left alone, so that no image is copied over and over.
 */
export function toMergeGroups(shards: readonly Shard[], shardSize: number): Shard[][] {
  const small = shards.filter(({ samples }) => samples.length < shardSize / 2);
  if (small.length <= MAX_SMALL_SHARDS) return [];
  const groups: Shard[][] = [];
  let room = 0;
  for (const shard of small) {
    if (shard.samples.length > room) {
      groups.push([]);
      room = shardSize;
    }
    groups.at(-1)!.push(shard);
    room -= shard.samples.length;
  }
  return groups.filter(({ length }) => length > 1);
}

/** Whether a version would say nothing that the one before it does not say already. */
export function isSameContent(a: DatasetContent, b: DatasetContent): boolean {
  return toFingerprint(a) === toFingerprint(b);
}

function toFingerprint({ shards, refused, limits }: DatasetContent): string {
  const samples = shards.flatMap((shard) => shard.samples.map(toImageIdentity)).sort();
  // An image that vanished in the middle of a run is not there in the next: no news.
  const refusals = refused.filter(({ reason }) => reason !== 'gone').map((refusal) => `${toImageIdentity(refusal)}\n${refusal.reason}`).sort();
  const areLimitsTold = refused.some(({ reason }) => reason === 'too-large');
  if (areLimitsTold) refusals.push(`${limits.maxBytes}\n${limits.maxPixels}`);
  return [...samples, '', ...refusals].join('\n');
}

function countRemoved(inventory: Inventory, previous: DatasetManifest | null): number {
  if (previous === null) return 0;
  const names = new Set(inventory.images.map(({ name }) => name));
  return [...previous.shards.flatMap((shard) => shard.samples), ...previous.refused].filter(({ name }) => !names.has(name)).length;
}

function byName(a: Refusal, b: Refusal): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
