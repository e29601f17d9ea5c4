import { z } from 'zod';
import type { Emotion } from './emotion.ts';
import { emotionSchema, perEmotion, toPerEmotion } from './emotion.ts';
import { gitShaSchema } from './git-sha.ts';
import { imageLimitsSchema, imageTransformSchema } from './image-transform.ts';
import { SUBJECT_REFUSALS } from './subject.ts';

const count = z.int().nonnegative();
const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** Where something made by a run comes from; on every manifest. */
const originSchema = z.object({ runName: z.string(), gitSha: gitShaSchema, createdAt: z.iso.datetime() });

/** One image as it lies in the raw container. */
export const rawImageSchema = z.object({
  /** Blob name, `<label>/<file>`. */
  name: z.string(),
  label: emotionSchema,
  /** Changes whenever the blob's content does. */
  etag: z.string(),
  bytes: count,
});
export type RawImage = z.infer<typeof rawImageSchema>;

/** What lay in the raw container when a run began. Blobs outside the label folders are listed as ignored. */
export const inventorySchema = originSchema.extend({
  images: z.array(rawImageSchema),
  ignored: z.array(z.string()),
});
export type Inventory = z.infer<typeof inventorySchema>;

/** What a raw image is known by: a blob that was written again is another image. */
export function toImageIdentity({ name, etag }: Pick<RawImage, 'name' | 'etag'>): string {
  return JSON.stringify([name, etag]);
}

/**
 * What an inventory is told apart by: the names and ETags of its images, in one order. Two lists of the raw container with
 * the same digest of this hold the same images.
 */
export function toInventoryDigestInput(images: Iterable<Pick<RawImage, 'name' | 'etag'>>): string {
  return Array.from(images, toImageIdentity).sort().join('\n');
}

/** Why an image can't be used. */
const REFUSAL_REASONS = ['empty', 'too-large', 'unsupported', 'unreadable', 'gone', ...SUBJECT_REFUSALS] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];
const refusalSchema = z.object({
  name: z.string(),
  etag: z.string(),
  reason: z.enum(REFUSAL_REASONS),
});
export type Refusal = z.infer<typeof refusalSchema>;

/** Which raw image became which sample: inside the shard the sample's key is `<label>/<digest>`. */
const sampleSchema = z.object({
  name: z.string(),
  etag: z.string(),
  label: emotionSchema,
  /** sha256 of the raw bytes. Copies of one image share it. */
  digest,
});
export type Sample = z.infer<typeof sampleSchema>;

/** A WebDataset tar of 48x48 grey PNGs, named by the sha256 of its own bytes, and which of its samples count. */
const shardSchema = z.object({ digest, bytes: count, samples: z.array(sampleSchema) });
export type Shard = z.infer<typeof shardSchema>;

/** What became of one batch of raw images; a batch of which nothing could be used has no shard. */
export const batchOutcomeSchema = z.object({ shard: shardSchema.nullable(), refused: z.array(refusalSchema) });
export type BatchOutcome = z.infer<typeof batchOutcomeSchema>;

/** One version of the processed data set. Immutable. */
export const datasetManifestSchema = originSchema.extend({
  version: z.string(),
  transform: imageTransformSchema,
  /** Under which images were refused as too large; other limits mean another try. */
  limits: imageLimitsSchema,
  counts: perEmotion(count),
  shards: z.array(shardSchema),
  refused: z.array(refusalSchema),
});
export type DatasetManifest = z.infer<typeof datasetManifestSchema>;

/** Points at one sample of one shard. */
const sampleReferenceSchema = z.object({ label: emotionSchema, digest, shard: digest });
export type SampleReference = z.infer<typeof sampleReferenceSchema>;

/** One version of the split: every distinct image of a data set, on the training or on the test side. Immutable. */
export const splitManifestSchema = originSchema.extend({
  version: z.string(),
  datasetVersion: z.string(),
  transform: imageTransformSchema,
  testRatio: z.number().gt(0).lt(1),
  counts: z.object({ train: perEmotion(count), test: perEmotion(count) }),
  /** Samples left out because the same image is there already. */
  copies: count,
  /** Images left out of the training side because the run was asked to. */
  excluded: count.default(0),
  /** Digests of images that lie under more than one label; on neither side. */
  contradictions: z.array(digest),
  train: z.array(sampleReferenceSchema),
  test: z.array(sampleReferenceSchema),
});
export type SplitManifest = z.infer<typeof splitManifestSchema>;

/** The names of the raw images of each content, by its digest: copies of one image have several. */
export function toNamesByDigest({ shards }: Pick<DatasetManifest, 'shards'>): Map<string, string[]> {
  const byDigest = Map.groupBy(shards.flatMap(({ samples }) => samples), ({ digest: content }) => content);
  return new Map([...byDigest].map(([content, samples]) => [content, samples.map(({ name }) => name)]));
}

/** How many of them there are per label. */
export function countByLabel(samples: Iterable<{ readonly label: Emotion }>): Record<Emotion, number> {
  const counts = toPerEmotion(() => 0);
  for (const { label } of samples) counts[label] += 1;
  return counts;
}
