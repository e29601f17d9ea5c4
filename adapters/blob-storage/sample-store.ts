import type { Sample, SampleReference, Shard } from '../../domain/dataset.ts';
import type { Emotion } from '../../domain/emotion.ts';
import { Failure } from '../../domain/failure.ts';
import type { GreyPixels } from '../../domain/image-transform.ts';
import { CONTAINERS, processedKeys } from '../../domain/names.ts';
import type { BlobStore } from './blob-store.ts';
import { toSha256 } from './sha256.ts';
import type { ShardEntry } from './shard.ts';
import { packShard, toSampleKey, unpackShard } from './shard.ts';

/** Writes and reads 48x48 grey images as PNG, losing nothing; the same pixels always give the same bytes. */
export interface GreyPngCodec {
  encode(pixels: GreyPixels): Promise<Uint8Array>;
  decode(png: Uint8Array): Promise<GreyPixels>;
}

export interface LabelledPixels {
  readonly label: Emotion;
  /** sha256 of the raw image. */
  readonly digest: string;
  readonly pixels: GreyPixels;
}

/** The pixels of data sets, in shards that are named by the sha256 of their bytes. */
export interface SampleStore {
  /** Packs and stores samples; the same samples make the same shard, however often and by whomever they are saved. */
  saveShard(samples: readonly (Sample & { readonly pixels: GreyPixels })[]): Promise<Shard>;
  /** The digests of those of the shards that are no longer there, or only in part. */
  findMissingShards(shards: readonly Shard[]): Promise<string[]>;
  /** Copies what counts of several shards into one. The old ones stay for the data sets and splits that name them. */
  mergeShards(shards: readonly Shard[]): Promise<Shard>;
  /**
   * The pixels of the referenced samples, shard by shard, in an order that is always the same. Holds at most two shards in
   * memory: the one that is read and the next, which is fetched meanwhile.
   *
   * @throws Failure `not-found` for a missing shard, `data-corrupt` for one whose bytes don't fit its digest, or without a
   *   sample that should be in it; the signal's reason when it is aborted
   */
  readSamples(references: readonly SampleReference[], signal: AbortSignal): AsyncIterable<LabelledPixels>;
}

/** Decodes under way at a time: enough for every core, few enough to stop quickly. */
const DECODE_BATCH = 64;

export function createSampleStore(blobs: BlobStore, codec: GreyPngCodec): SampleStore {
  async function readShard(digest: string): Promise<Uint8Array> {
    const name = processedKeys.shard(digest);
    const { bytes } = await blobs.read(CONTAINERS.processed, name);
    if (toSha256(bytes) === digest) return bytes;
    throw new Failure('data-corrupt', `${CONTAINERS.processed}/${name} no longer has the bytes that it is named by.`);
  }

  async function writeShard(entries: readonly ShardEntry[], samples: Sample[]): Promise<Shard> {
    const bytes = await packShard(entries);
    const digest = toSha256(bytes);
    // Whatever lies under this name: only these bytes belong there.
    await blobs.write(CONTAINERS.processed, processedKeys.shard(digest), bytes);
    return { digest, bytes: bytes.byteLength, samples };
  }

  return {
    async saveShard(samples) {
      const entries: ShardEntry[] = [];
      for (const batch of toBatches(samples)) {
        entries.push(...(await Promise.all(batch.map(async ({ label, digest, pixels }) => ({ label, digest, png: await codec.encode(pixels) })))));
      }
      return writeShard(entries, samples.map(({ name, etag, label, digest }) => ({ name, etag, label, digest })));
    },

    async findMissingShards(shards) {
      const sizes = new Map<string, number>();
      for await (const { name, bytes } of blobs.list(CONTAINERS.processed, processedKeys.shardPrefix)) sizes.set(name, bytes);
      return shards.filter(({ digest, bytes }) => sizes.get(processedKeys.shard(digest)) !== bytes).map(({ digest }) => digest);
    },

    async mergeShards(shards) {
      const entries: ShardEntry[] = [];
      for (const { digest, samples } of shards) entries.push(...(await pick(await readShard(digest), samples)));
      return writeShard(entries, shards.flatMap((shard) => shard.samples));
    },

    async *readSamples(references, signal) {
      const byShard = Map.groupBy(references, ({ shard }) => shard);
      const digests = [...byShard.keys()];
      let next = fetchAhead(readShard, digests[0]);
      for (const [index, digest] of digests.entries()) {
        const bytes = await next;
        next = fetchAhead(readShard, digests[index + 1]);
        const wanted = await pick(bytes ?? new Uint8Array(), byShard.get(digest) ?? []);
        for (const batch of toBatches(wanted)) {
          signal.throwIfAborted();
          const pixels = await Promise.all(batch.map(({ png }) => codec.decode(png)));
          for (const [position, entry] of batch.entries()) yield { label: entry.label, digest: entry.digest, pixels: pixels[position]! };
        }
      }
    },
  };
}

/** Begins to read; who stops before it is done doesn't hear of a failure. */
function fetchAhead(read: (digest: string) => Promise<Uint8Array>, digest: string | undefined): Promise<Uint8Array | null> {
  const reading = digest === undefined ? Promise.resolve(null) : read(digest);
  reading.catch(() => undefined);
  return reading;
}

async function pick(shard: Uint8Array, references: readonly Pick<SampleReference, 'label' | 'digest'>[]): Promise<ShardEntry[]> {
  const missing = new Set(references.map(toSampleKey));
  const picked: ShardEntry[] = [];
  for await (const entry of unpackShard(shard)) if (missing.delete(toSampleKey(entry))) picked.push(entry);
  if (missing.size === 0) return picked;
  throw new Failure('data-corrupt', `${missing.size} samples are missing from the shard that should hold them.`);
}

function* toBatches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += DECODE_BATCH) yield items.slice(start, start + DECODE_BATCH);
}
