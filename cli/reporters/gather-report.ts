import { createBlobLink } from '../../adapters/blob-storage/blob-link.ts';
import { isPublic } from '../../adapters/blob-storage/signed-link.ts';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import type { Config } from '../../config/config.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import { CONTAINERS, MODEL_FILES, modelKeys } from '../../domain/names.ts';
import type { PipelineStep } from '../../domain/pipeline.ts';
import type { RunState } from '../../domain/run-state.ts';
import type { ReportedRun, RunStanding, TrainingFacts } from '../report/reported-run.ts';
import { readHistory } from '../runs/read-attempts.ts';
import type { FollowedRun } from './run-reporter.ts';

export interface Gathering {
  readonly config: Pick<Config, 'storage' | 'cluster'>;
  readonly stores: Pick<Stores, 'runs'>;
  /** Told, in a sentence, what could not be had. */
  readonly onMissing: (what: string) => void;
}

/** A report is not worth waiting for longer than this. */
const LIMIT_MS = 20_000;

/** Everything that a report tells of a run: what can't be read is left out. */
export async function gatherReport(run: FollowedRun, standing: RunStanding, { config, stores, onMissing }: Gathering): Promise<ReportedRun> {
  const { state } = standing;
  const [attempts, training] = await Promise.all([
    readAttempts(run, state, onMissing),
    state === null ? null : readTraining(state, stores).catch((error: unknown) => {
      if (!isFailure(error)) throw error;
      onMissing(`The report is without the training's curves: ${error.message}`);
      return null;
    }),
  ]);
  return {
    standing,
    workflowId: run.workflowId,
    url: run.url,
    kubeNamespace: config.cluster.namespace,
    attempts,
    training,
    cardUrl: toCardUrl(state, config),
  };
}

/** Where the candidate of a run is filed; null while it has none. */
export function toCandidateName({ candidate, runName, accuracy }: RunState): string | null {
  return candidate ?? (accuracy === null ? null : runName);
}

async function readAttempts({ handle }: FollowedRun, state: RunState | null, onMissing: Gathering['onMissing']): Promise<ReadonlyMap<PipelineStep, number>> {
  try {
    return (await readHistory(handle, state)).attempts;
  } catch {
    onMissing('The report does not say how often steps were tried: the history of the run could not be read.');
    return new Map();
  }
}

async function readTraining(state: RunState, { runs }: Pick<Stores, 'runs'>): Promise<TrainingFacts | null> {
  const name = toCandidateName(state);
  if (name === null) return null;
  const [history, result] = await withinLimit(Promise.all([runs.findMetrics(name), runs.findResult(name)]));
  if (history.length === 0 && result === null) return null;
  return { history, bestEpoch: result?.bestEpoch ?? null, parameters: result?.parameters ?? null, seconds: result?.seconds ?? null };
}

function toCardUrl(state: RunState | null, { storage }: Pick<Config, 'storage'>): string | null {
  if (state?.model == null || !isPublic(storage)) return null;
  const { name, version } = state.model;
  return createBlobLink(storage)(CONTAINERS.models, modelKeys.file(name, version, MODEL_FILES.card));
}

/** @throws Failure `dependency-unavailable` when the time is up */
async function withinLimit<T>(work: Promise<T>): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    limit.reject(new Failure('dependency-unavailable', `The storage account did not answer within ${LIMIT_MS / 1_000} seconds.`));
  }, LIMIT_MS);
  return Promise.race([work, limit.promise]).finally(() => {
    clearTimeout(timer);
  });
}
