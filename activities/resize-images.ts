import { createHash } from 'node:crypto';
import type { RawImage, Refusal, RefusalReason, Sample } from '../domain/dataset.ts';
import type { FailureKind } from '../domain/failure.ts';
import { isFailure } from '../domain/failure.ts';
import type { GreyPixels, ImageLimits } from '../domain/image-transform.ts';
import type { Container } from '../domain/names.ts';
import { CONTAINERS } from '../domain/names.ts';

export interface ImageDependencies {
  readonly blobs: {
    find(container: Container, name: string): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | null>;
  };
  readonly prepare: PrepareImage;
}

/**
 * Makes the network's input of an image file, or says why there is none to be made of it.
 *
 * @throws Failure `image-too-large`, `image-unsupported`, `image-unreadable`
 */
export type PrepareImage = (bytes: Uint8Array, limits: ImageLimits) => Promise<{ readonly pixels: GreyPixels } | { readonly refusal: RefusalReason }>;

export type ResizedSample = Sample & { readonly pixels: GreyPixels };

export interface ResizedImages {
  /** In the order of the images, so that a retry makes the same shard. */
  readonly samples: readonly ResizedSample[];
  readonly refused: readonly Refusal[];
}

export interface ResizeOptions {
  readonly limits: ImageLimits;
  readonly signal: AbortSignal;
  readonly onProgress: (imagesDone: number) => void;
}

/** Images under way at a time in one batch: hides the storage account's latency; more only holds more memory. */
const IMAGES_AT_A_TIME = 16;

const REFUSAL_REASONS: Partial<Record<FailureKind, RefusalReason>> = {
  'image-too-large': 'too-large',
  'image-unsupported': 'unsupported',
  'image-unreadable': 'unreadable',
};

/**
 * Fetches raw images and turns them into samples; the ones that can't be used are listed with the reason.
 *
 * @throws the signal's reason when it is aborted, and failures that are not an image's own fault
 */
export async function resizeImages(
  images: readonly RawImage[],
  { blobs, prepare }: ImageDependencies,
  { limits, signal, onProgress }: ResizeOptions,
): Promise<ResizedImages> {
  const made = new Map<RawImage, ResizedSample | RefusalReason>();
  await inLanes(images, IMAGES_AT_A_TIME, async (image) => {
    signal.throwIfAborted();
    made.set(image, await resize(image));
    onProgress(made.size);
  });
  const results = images.map((image) => ({ image, result: made.get(image)! }));
  return {
    samples: results.flatMap(({ result }) => (typeof result === 'string' ? [] : [result])),
    refused: results.flatMap(({ image: { name, etag }, result }) => (typeof result === 'string' ? [{ name, etag, reason: result }] : [])),
  };

  async function resize({ name, label, etag, bytes }: RawImage): Promise<ResizedSample | RefusalReason> {
    if (bytes === 0) return 'empty';
    if (bytes > limits.maxBytes) return 'too-large';
    const blob = await blobs.find(CONTAINERS.raw, name);
    // What was replaced since the inventory is another image: the next run takes it.
    if (blob?.etag !== etag) return 'gone';
    try {
      const prepared = await prepare(blob.bytes, limits);
      if ('refusal' in prepared) return prepared.refusal;
      return { name, etag, label, digest: createHash('sha256').update(blob.bytes).digest('hex'), pixels: prepared.pixels };
    } catch (error) {
      const reason = isFailure(error) ? REFUSAL_REASONS[error.kind] : undefined;
      if (reason === undefined) throw error;
      return reason;
    }
  }
}

/** Works on every item with at most `limit` under way. After the first rejection nothing new begins, and it is thrown. */
async function inLanes<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  let failed = false;
  const lanes = Array.from({ length: limit }, async () => {
    for (const item of queue) {
      if (failed) return;
      await work(item).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  });
  const ends = await Promise.allSettled(lanes);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
