import { stat } from 'node:fs/promises';
import { readFer2013Csv } from '../adapters/import/fer2013-csv.ts';
import { readImageFolder } from '../adapters/import/image-folder.ts';
import type { ImageSource } from '../adapters/import/image-source.ts';
import { encodeGreyPng } from '../adapters/vision/grey-png.ts';
import { Failure } from '../domain/failure.ts';

export interface CountedSource {
  readonly images: ImageSource;
  /** Null where counting would mean reading everything. */
  readonly count: number | null;
}

/**
 * Opens what a person wants to import: a directory of label folders, or FER2013's CSV.
 *
 * @throws Failure `input-invalid` for anything else
 */
export async function openImportSource(path: string): Promise<CountedSource> {
  const info = await stat(path).catch((error: unknown) => {
    throw new Failure('input-invalid', `There is no directory or file ${path}.`, { cause: error });
  });
  if (info.isDirectory()) {
    // Only names are held; the images are read when their turn comes.
    const found = await Array.fromAsync(readImageFolder(path));
    return { images: toAsync(found), count: found.length };
  }
  if (path.toLowerCase().endsWith('.csv')) return { images: readFer2013Csv(path, encodeGreyPng), count: null };
  throw new Failure('input-invalid', `${path} is neither a directory of label folders nor a FER2013 CSV file.`);
}

async function* toAsync<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
