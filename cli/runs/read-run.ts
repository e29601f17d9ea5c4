import type { WorkflowHandle } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import { toTaskQueue } from '../../domain/names.ts';
import type { RunState } from '../../domain/run-state.ts';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import { toInitialState } from '../../domain/run-state.ts';
import { queryState, toEnd } from '../pipeline-runs.ts';
import { findRun } from './find-run.ts';
import type { FoundRun } from './find-run.ts';
import { hasWorker } from './has-worker.ts';
import type { RunHistory } from './read-attempts.ts';
import { readHistory } from './read-attempts.ts';
import type { RunEntry } from './run-entry.ts';
import { isUnderWay } from './run-entry.ts';
import type { RunSources } from './with-runs.ts';

/** Everything there is to know of a run. */
export interface RunDetails {
  readonly entry: RunEntry;
  /** Null where no worker answers, and the run has filed nothing. */
  readonly state: RunState | null;
  /** Why it failed or was stopped, in plain words; null otherwise. */
  readonly reason: string | null;
  /** Null where Temporal knows the run no more. */
  readonly history: RunHistory | null;
  /** Null when the run is over and nobody need answer. */
  readonly isAnswered: boolean | null;
}

/**
 * Reads a run that a person has named.
 *
 * @throws Failure as {@link findRun}
 */
export async function readRun(name: string, sources: RunSources): Promise<RunDetails> {
  return readFound(await findNamedRun(name, sources), sources);
}

export function findNamedRun(name: string, { client, stores }: RunSources): Promise<FoundRun> {
  return findRun(name, { client, runs: stores.runs, directory: process.cwd() });
}

/** Of this very run, whatever its workflow did before or after it. */
export function toHandle({ entry }: FoundRun, { client }: Pick<RunSources, 'client'>): WorkflowHandle {
  return client.workflow.getHandle(entry.workflowId, entry.runId, { followRuns: false });
}

async function readFound(found: FoundRun, sources: RunSources): Promise<RunDetails> {
  const { entry, filed } = found;
  if (filed !== null) return { entry, state: filed.state, reason: filed.reason, history: null, isAnswered: null };
  const handle = toHandle(found, sources);
  if (isUnderWay(entry)) {
    const state = toWhole(await queryState(handle));
    const isAnswered = state !== null || (await hasWorker(sources.client, toTaskQueue('pipeline')));
    return { entry, state, reason: null, history: await readHistory(handle, state), isAnswered };
  }
  const end = await readEnd(handle, () => findState(entry, handle, sources));
  const state = toWhole(end.state);
  return { entry, state, reason: end.reason, history: await readHistory(handle, state), isAnswered: null };
}

/** Runs that began with an older release know nothing of what came later. */
function toWhole(state: RunState | null): RunState | null {
  if (state === null) return null;
  const input = pipelineInputSchema.parse(state.input);
  return { ...toInitialState(state.runName, input), ...state, input };
}

/** A run that ended well has left its state as its result. */
async function readEnd(handle: WorkflowHandle, find: () => Promise<RunState | null>): Promise<{ state: RunState | null; reason: string | null }> {
  try {
    return { state: (await handle.result()) as RunState, reason: null };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { state: await find(), reason: toEnd(error).reason };
  }
}

/** What it has filed answers at once; a run that was ended by force has filed nothing, but a worker can replay it. */
async function findState({ runName }: RunEntry, handle: WorkflowHandle, { stores }: RunSources): Promise<RunState | null> {
  // Storage may be away or unused: then a worker is asked.
  const filed = await stores.runs.findFiledRun(runName).catch(() => null);
  return filed?.state ?? queryState(handle);
}
