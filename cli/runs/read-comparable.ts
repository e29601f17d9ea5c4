import type { SplitManifest } from '../../domain/dataset.ts';
import type { PerEmotion } from '../../domain/emotion.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { ModelCard } from '../../domain/model.ts';
import type { RunState } from '../../domain/run-state.ts';
import { readRun } from './read-run.ts';
import type { RunEntry } from './run-entry.ts';
import type { RunSources } from './with-runs.ts';

/** What two runs are compared by. What a run has not made, or nobody has any more, is null. */
export interface ComparableRun {
  readonly entry: RunEntry;
  readonly state: RunState;
  readonly card: ModelCard | null;
  readonly images: PerEmotion | null;
  readonly split: SplitManifest['counts'] | null;
}

/**
 * @throws Failure as `findRun`; `not-found` when nobody can tell what the run did
 */
export async function readComparable(name: string, sources: RunSources): Promise<ComparableRun> {
  const { entry, state } = await readRun(name, sources);
  if (state === null) throw new Failure('not-found', `Run ${entry.runName} can't be compared: it has filed nothing, and no worker of the role "pipeline" answers. Start one with \`barometer worker\`.`);
  const { runs, datasets } = sources.stores;
  const { candidate, datasetVersion, splitVersion } = state;
  const [card, dataset, split] = await Promise.all([
    candidate === null ? null : unlessGone(runs.findCard(candidate)),
    datasetVersion === null ? null : unlessGone(datasets.readDataset(datasetVersion)),
    splitVersion === null ? null : unlessGone(datasets.readSplit(splitVersion)),
  ]);
  return { entry, state, card, images: dataset?.counts ?? null, split: split?.counts ?? null };
}

async function unlessGone<T>(read: Promise<T>): Promise<T | null> {
  return read.catch((error: unknown) => {
    if (isFailure(error, 'not-found')) return null;
    throw error;
  });
}
