import sharp from 'sharp';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { EMOTIONS } from '../../domain/emotion.ts';

/** A small image that differs for every seed. */
export async function drawImage(seed: number): Promise<Uint8Array> {
  const size = 60;
  const pixels = Buffer.from(Array.from({ length: size * size }, (_, index) => (index * (seed + 1) + (seed * 7919) ** 2) % 251));
  return sharp(pixels, { raw: { width: size, height: size, channels: 1 } }).png().toBuffer();
}

/** Uploads `perLabel` different images to each label's folder. Returns their names. */
export async function uploadImages(blobs: BlobStore, perLabel: number): Promise<string[]> {
  const names = EMOTIONS.flatMap((label) => Array.from({ length: perLabel }, (_, index) => `${label}/${index}.png`));
  await Promise.all(names.map(async (name, index) => blobs.write('emotions', name, await drawImage(index))));
  return names;
}
