import type { Stores } from '../adapters/blob-storage/stores.ts';
import { importImages } from '../adapters/import/import-images.ts';
import type { ImportResult } from '../adapters/import/import-images.ts';
import { toGreyPixels } from '../adapters/vision/decode.ts';
import type { Config } from '../config/config.ts';
import { EMOTIONS } from '../domain/emotion.ts';
import { toCounts, toTotal } from '../domain/wording.ts';
import type { CountedSource } from './import-source.ts';
import { createProgressLine, toBar } from './output/progress-line.ts';

export interface ImportOptions {
  readonly stores: Pick<Stores, 'blobs'>;
  readonly limits: Config['imageLimits'];
  readonly signal: AbortSignal;
}

/** Uploads images into the raw container while a bar shows how far it is. */
export async function importWithProgress({ images, count }: CountedSource, { stores, limits, signal }: ImportOptions): Promise<ImportResult> {
  await stores.blobs.ensureContainers();
  const line = createProgressLine();
  let done = 0;
  try {
    return await importImages(images, stores.blobs, {
      checkImage: (bytes) => toGreyPixels(bytes, limits),
      onProgress() {
        // Once for each image, those of other labels included.
        done += 1;
        line.show(`  importing ${toBar(done, count ?? undefined)}`);
      },
      signal,
    });
  } finally {
    line.end(`  importing ${toBar(done, count ?? undefined)}`);
  }
}

const LISTED = 10;

/** What became of an import, for people. */
export function toImportSummary({ uploaded, skipped, renamed, refused, otherLabels }: ImportResult): string {
  const others = Object.entries(otherLabels).map(([name, images]) => `${images} ${name}`);
  return [
    `Uploaded ${toTotal(uploaded)} images: ${toCounts(uploaded)}.`,
    ...(skipped === 0 ? [] : [`Skipped ${skipped} that are there already.`]),
    ...(renamed.length === 0 ? [] : [`${renamed.length} got another name, since theirs was taken by another image.`]),
    ...(others.length === 0 ? [] : [`Left out, for their label is none of ${EMOTIONS.join(', ')}: ${others.join(', ')}.`]),
    ...(refused.length === 0 ? [] : [`Refused ${refused.length}:`, ...refused.slice(0, LISTED).map(({ name, reason }) => `  ${name}: ${reason}`)]),
    ...(refused.length > LISTED ? [`  … and ${refused.length - LISTED} more; --json lists all.`] : []),
  ].join('\n');
}
