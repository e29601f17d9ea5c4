import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { QueryNotRegisteredError, ServiceError, WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure, TerminatedFailure } from '@temporalio/common';
import { decodePayloads } from '../adapters/temporal/data-converter.ts';
import { toPipelineWorkflowId } from '../domain/names.ts';
import type { PipelineInput } from '../domain/pipeline.ts';
import type { RunState } from '../domain/run-state.ts';
import { PIPELINE_WORKFLOW, runStateQuery, toPipelineStart } from '../workflows/contract.ts';
import { toRootMessage } from '../workflows/root-message.ts';
import { toPendingNote } from './pending-note.ts';

export interface StartedRun {
  readonly handle: WorkflowHandle;
  readonly workflowId: string;
  readonly runId: string;
  /** A run of the same commit was under way already, and is now followed instead of a new one. */
  readonly joined: boolean;
}

/**
 * Starts a run of the pipeline. What is to happen when one is under way for the same commit: join it, or fail.
 *
 * @throws WorkflowExecutionAlreadyStartedError when one is under way and it is not to be joined
 */
export async function startPipeline(client: Client, input: PipelineInput, ifUnderWay: 'join' | 'fail' = 'join'): Promise<StartedRun> {
  const workflowId = toPipelineWorkflowId(input.gitSha);
  const startId = randomUUID();
  const started = await client.workflow.start(PIPELINE_WORKFLOW, {
    ...toPipelineStart(input),
    workflowIdConflictPolicy: ifUnderWay === 'join' ? 'USE_EXISTING' : 'FAIL',
    // The server does not say whether it started or joined; whose memo the run carries does.
    memo: { startId },
  });
  const handle = client.workflow.getHandle(workflowId, started.firstExecutionRunId);
  const { memo, runId } = await handle.describe();
  return { handle, workflowId, runId, joined: memo?.['startId'] !== startId };
}

/** How a followed run ended. */
export type RunEnd =
  | { readonly status: 'succeeded'; readonly state: RunState }
  | { readonly status: 'failed' | 'cancelled'; readonly reason: string; readonly state: RunState | null };

const POLL_INTERVAL_MS = 500;

/**
 * Follows a run to its end. `onState` is called whenever something about it has changed, and with null while no worker
 * answers.
 */
export async function followRun(handle: WorkflowHandle, onState: (state: RunState | null) => void): Promise<RunEnd> {
  return (await followRunUntil(handle, onState, new AbortController().signal))!;
}

/** The same, until its end or the signal, whichever comes first. Returns null when it was the signal; the run goes on. */
export async function followRunUntil(handle: WorkflowHandle, onState: (state: RunState | null) => void, signal: AbortSignal): Promise<RunEnd | null> {
  const polling = new AbortController();
  const polled = poll(handle, onState, AbortSignal.any([polling.signal, signal]));
  // Its failure is thrown at the end: the run itself may well succeed.
  polled.catch(() => undefined);
  try {
    const state = (await handle.client.withAbortSignal(signal, () => handle.result())) as RunState;
    onState(state);
    return { status: 'succeeded', state };
  } catch (error) {
    if (signal.aborted) return null;
    if (!(error instanceof WorkflowFailedError)) throw error;
    const state = await queryState(handle);
    if (state !== null) onState(state);
    return { ...toEnd(error), state };
  } finally {
    polling.abort();
    await polled;
  }
}

async function poll(handle: WorkflowHandle, onState: (state: RunState | null) => void, signal: AbortSignal): Promise<void> {
  let shown = '';
  for (;;) {
    const state = await queryState(handle);
    if (signal.aborted) return;
    const seen = JSON.stringify(state);
    if (seen !== shown) onState(state);
    shown = seen;
    await wait(POLL_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** The state of a run with what its activities last said of themselves; null when no worker answers in time. */
export async function queryState(handle: WorkflowHandle): Promise<RunState | null> {
  try {
    return await handle.client.withDeadline(Date.now() + 5_000, async () => withHeartbeats(handle, await handle.query(runStateQuery)));
  } catch (error) {
    if (error instanceof ServiceError || error instanceof QueryNotRegisteredError) return null;
    throw error;
  }
}

/** Heartbeats are newer than what the workflow knows: it is told now and then only. */
async function withHeartbeats(handle: WorkflowHandle, state: RunState): Promise<RunState> {
  const { raw } = await handle.describe();
  const payloads = raw.pendingActivities?.flatMap(({ heartbeatDetails }) => heartbeatDetails?.payloads?.[0] ?? []) ?? [];
  const details = await decodePayloads(handle.client, payloads);
  const note = toPendingNote(details, state.candidates);
  if (note === null) return state;
  return { ...state, steps: state.steps.map((step) => (step.status === 'running' ? { ...step, note } : step)) };
}

/** Whether a run failed or was stopped, and by what, in words for people. */
export function toEnd(error: WorkflowFailedError): { status: 'failed' | 'cancelled'; reason: string } {
  const { cause } = error;
  if (cause instanceof CancelledFailure) return { status: 'cancelled', reason: 'The run was cancelled.' };
  if (cause instanceof TerminatedFailure) return { status: 'cancelled', reason: 'The run was terminated.' };
  return { status: 'failed', reason: toRootMessage(cause) };
}
