import { createHash } from 'node:crypto';
import type { DatasetManifest, RawImage, SampleReference, SplitManifest } from '../domain/dataset.ts';
import { toInventoryDigestInput } from '../domain/dataset.ts';

/** The sha256 of a text, as 64 hexadecimal digits. */
export function toDigest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Says whether the raw container holds the same images: see {@link toInventoryDigestInput}. */
export function toInventoryDigest(images: Iterable<Pick<RawImage, 'name' | 'etag'>>): string {
  return toDigest(toInventoryDigestInput(images));
}

/** Of everything that a data set holds, but not of who made it when. */
export function toDatasetDigest({ transform, limits, shards, refused }: DatasetManifest): string {
  const samples = shards.flatMap((shard) => shard.samples.map(({ name, etag, label, digest }) => [shard.digest, name, etag, label, digest]));
  const refusals = refused.map(({ name, etag, reason }) => [name, etag, reason]);
  return toDigest(toLines([[transform.name, transform.version, limits.maxBytes, limits.maxPixels], ...samples, ...refusals]));
}

/** Of what a split puts where, but not of who made it when. */
export function toSplitDigest({ datasetVersion, transform, testRatio, train, test }: SplitManifest): string {
  const toRow = ({ label, digest, shard }: SampleReference) => [label, digest, shard];
  return toDigest(toLines([[datasetVersion, transform.name, transform.version, testRatio], ...train.map(toRow), ['|'], ...test.map(toRow)]));
}

/** Of the images on one side of a split, wherever and in which order they lie. */
export function toSamplesDigest(samples: readonly Pick<SampleReference, 'label' | 'digest'>[]): string {
  return toDigest(samples.map(({ label, digest }) => `${digest} ${label}`).sort().join('\n'));
}

function toLines(rows: readonly (readonly unknown[])[]): string {
  return rows.map((row) => JSON.stringify(row)).join('\n');
}
