import { createHash } from 'node:crypto';
import type { RawImage } from '../domain/dataset.ts';
import { toInventoryDigestInput } from '../domain/dataset.ts';

/** The sha256 of a text, as 64 hexadecimal digits. */
export function toDigest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Says whether the raw container holds the same images: see {@link toInventoryDigestInput}. */
export function toInventoryDigest(images: Iterable<Pick<RawImage, 'name' | 'etag'>>): string {
  return toDigest(toInventoryDigestInput(images));
}
