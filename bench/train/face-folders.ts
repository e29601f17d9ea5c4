import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SampleSource } from '../../adapters/tensorflow/samples.ts';
import { decodeGreyPng } from '../../adapters/vision/grey-png.ts';
import { countByLabel } from '../../domain/dataset.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import type { Emotion } from '../../domain/emotion.ts';
import type { GreyPixels } from '../../domain/image-transform.ts';

export interface Face {
  readonly label: Emotion;
  readonly pixels: GreyPixels;
  /** sha256 of the file: what the split rule reads. */
  readonly digest: string;
  /** Equal for the same picture in another file. */
  readonly pixelDigest: string;
}

/** Reads `<folder>/<label>/*.png`, faces of 48x48 grey pixels. */
export async function readFaces(folder: string): Promise<Face[]> {
  const faces: Face[] = [];
  for (const label of EMOTIONS) {
    for (const file of (await readdir(join(folder, label))).sort()) {
      const bytes = await readFile(join(folder, label, file));
      const pixels = await decodeGreyPng(bytes);
      faces.push({ label, pixels, digest: toSha256(bytes), pixelDigest: toSha256(pixels) });
    }
  }
  return faces;
}

export function toSource(faces: readonly Face[]): SampleSource {
  return {
    counts: countByLabel(faces),
    async *read() {
      yield* faces;
    },
  };
}

function toSha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
