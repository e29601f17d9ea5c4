import type { DatasetStore } from '../adapters/blob-storage/dataset-store.ts';
import type { DatasetManifest } from '../domain/dataset.ts';
import { Failure } from '../domain/failure.ts';

/**
 * The data set of a version that somebody has named, or the newest one.
 *
 * @throws Failure `not-found`, `data-corrupt`
 */
export async function findDataset(datasets: Pick<DatasetStore, 'readDataset' | 'listDatasets'>, version: string): Promise<DatasetManifest> {
  if (version !== 'latest') return datasets.readDataset(version);
  for await (const newest of datasets.listDatasets()) return newest;
  throw new Failure('not-found', 'There is no data set yet.');
}
