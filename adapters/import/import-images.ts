import { createHash } from 'node:crypto';
import { extname } from 'node:path/posix';
import type { Emotion } from '../../domain/emotion.ts';
import type { FailureKind } from '../../domain/failure.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import { CONTAINERS, toRawKey } from '../../domain/names.ts';
import type { BlobStore } from '../blob-storage/blob-store.ts';
import type { FoundImage, ImageSource } from './image-source.ts';

export interface ImportProgress {
  readonly uploaded: number;
  readonly skipped: number;
  readonly refused: number;
}

export interface ImportOptions {
  /** Images under way at a time. */
  readonly concurrency?: number;
  /** Whether the pipeline will be able to use an image. @throws Failure `image-unreadable`, `-unsupported`, `-too-large` */
  readonly checkImage: (bytes: Uint8Array) => Promise<unknown>;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Stops the import; what is uploaded stays, and a later import goes on from there. */
  readonly signal?: AbortSignal;
}

export interface ImportResult {
  readonly uploaded: Record<Emotion, number>;
  /** Images that were there already with the same content. */
  readonly skipped: number;
  /** Images that were uploaded under another name, because theirs was taken by another image. */
  readonly renamed: readonly { readonly name: string; readonly uploadedAs: string }[];
  readonly refused: readonly { readonly name: string; readonly reason: FailureKind }[];
  /** How many images had a label that is none of the four, by the label's own name. */
  readonly otherLabels: Readonly<Record<string, number>>;
}

const IMAGE_FAULTS: ReadonlySet<FailureKind> = new Set(['image-unreadable', 'image-unsupported', 'image-too-large']);

/**
 * Uploads the images of a source to the raw container. What is there already with the same content is left alone, so that
 * an import may be repeated. Raw images are never changed: another image whose name is taken gets the beginning of its
 * digest into its name, the same at every import.
 *
 * @throws the signal's reason when it is aborted, and failures that are not an image's own fault
 */
export async function importImages(source: ImageSource, blobs: BlobStore, options: ImportOptions): Promise<ImportResult> {
  const { concurrency = 8, checkImage, onProgress, signal } = options;
  const present = await listDigests(blobs);
  const uploaded: Record<Emotion, number> = { happy: 0, sad: 0, angry: 0, fearful: 0 };
  const otherLabels = new Map<string, number>();
  const renamed: { name: string; uploadedAs: string }[] = [];
  const refused: { name: string; reason: FailureKind }[] = [];
  let skipped = 0;

  await inLanes(source, concurrency, async (image) => {
    signal?.throwIfAborted();
    if (image.label === null) otherLabels.set(image.labelName, (otherLabels.get(image.labelName) ?? 0) + 1);
    else await take(image, image.label);
    const total = Object.values(uploaded).reduce((sum, count) => sum + count, 0);
    onProgress?.({ uploaded: total, skipped, refused: refused.length });
  });
  return { uploaded, skipped, renamed: renamed.sort(byName), refused: refused.sort(byName), otherLabels: Object.fromEntries(otherLabels) };

  async function take(image: FoundImage, label: Emotion): Promise<void> {
    const name = toRawKey(label, image.fileName);
    try {
      const bytes = await image.read();
      const end = await upload(name, bytes);
      if (end === null) {
        skipped += 1;
        return;
      }
      uploaded[label] += 1;
      if (end !== name) renamed.push({ name, uploadedAs: end });
    } catch (error) {
      if (!isFailure(error) || !IMAGE_FAULTS.has(error.kind)) throw error;
      refused.push({ name, reason: error.kind });
    }
  }

  /** The name under which the image was uploaded; null when it was there already. */
  async function upload(name: string, bytes: Uint8Array): Promise<string | null> {
    const md5 = toMd5(bytes);
    const isSame = (standing: string | number | undefined): boolean => standing === md5 || standing === bytes.byteLength;
    const ownName = toOwnName(name, bytes);
    if (isSame(present.get(name)) || isSame(present.get(ownName))) return null;
    await checkImage(bytes);
    for (const candidate of [name, ownName]) {
      const standing = present.get(candidate) ?? (await create(candidate, bytes, md5));
      if (standing === 'created') return candidate;
      if (isSame(standing)) return null;
    }
    throw new Failure('write-conflict', `${CONTAINERS.raw}/${ownName} holds another image than its name says.`);
  }

  /** Returns the MD5 of what is there when somebody else came first, in this import or beside it. */
  async function create(name: string, bytes: Uint8Array, md5: string): Promise<string> {
    if (await blobs.create(CONTAINERS.raw, name, bytes)) {
      present.set(name, md5);
      return 'created';
    }
    const standing = toMd5((await blobs.read(CONTAINERS.raw, name)).bytes);
    present.set(name, standing);
    return standing;
  }
}

/** By name, what tells each raw blob's content: its MD5, or its size where whoever wrote it left the MD5 out. */
async function listDigests(blobs: BlobStore): Promise<Map<string, string | number>> {
  const digests = new Map<string, string | number>();
  for await (const { name, md5, bytes } of blobs.list(CONTAINERS.raw)) digests.set(name, md5 ?? bytes);
  return digests;
}

function toMd5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

function toOwnName(name: string, bytes: Uint8Array): string {
  const extension = extname(name);
  const digest = createHash('sha256').update(bytes).digest('hex');
  return `${name.slice(0, name.length - extension.length)}.${digest.slice(0, 12)}${extension}`;
}

/** Works on every item with at most `limit` under way. After the first rejection nothing new begins, and it is thrown. */
async function inLanes<T>(items: AsyncIterable<T>, limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = (async function* () {
    yield* items;
  })();
  const lanes = Array.from({ length: limit }, async () => {
    // Leaving the loop by a rejection closes the queue for all lanes.
    for await (const item of queue) await work(item);
  });
  const ends = await Promise.allSettled(lanes);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
