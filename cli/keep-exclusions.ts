import { readFile } from 'node:fs/promises';
import type { DatasetStore } from '../adapters/blob-storage/dataset-store.ts';
import { parseExclusions } from '../domain/exclusions.ts';
import { Failure } from '../domain/failure.ts';

/**
 * Files a list of raw images to be left out where the run can read it; a run's input names it by its digest. Null where no list is given.
 *
 * @throws Failure `input-invalid` when the file can't be read, or is no such list
 */
export async function keepExclusions(file: string | undefined, datasets: () => Pick<DatasetStore, 'keepExclusions'>): Promise<string | null> {
  if (file === undefined) return null;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Failure('input-invalid', `${file} can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`, { cause: error });
  });
  return datasets().keepExclusions(parseExclusions(text));
}
