import type { WorkflowHandle } from '@temporalio/client';
import type { LoadedDataConverter } from '@temporalio/common';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { tsToDate } from '@temporalio/common/lib/time.js';
import type { PipelineStep } from '../../domain/pipeline.ts';
import type { RunState } from '../../domain/run-state.ts';
import { toRootMessage } from '../../workflows/root-message.ts';

/** An activity that was tried more than once. */
export interface RetriedActivity {
  readonly activity: string;
  /** How often it was begun. */
  readonly attempts: number;
  /** What the last try but the current one failed with, in plain words. */
  readonly lastFailure: string | null;
  /** ISO 8601 in UTC; null while it is being tried, and when it is over. */
  readonly nextAttemptAt: string | null;
  /** Null: as often as its time allows. */
  readonly mostAttempts: number | null;
  readonly isUnderWay: boolean;
}

/** An activity that no worker has begun. */
export interface WaitingActivity {
  readonly activity: string;
  /** ISO 8601 in UTC. */
  readonly since: string;
}

export interface RunHistory {
  /** By step: how often the activity that was tried most often has been begun. */
  readonly attempts: ReadonlyMap<PipelineStep, number>;
  readonly retried: ReadonlyMap<PipelineStep, readonly RetriedActivity[]>;
  /** Which nobody has taken up; most often because there is no worker of its role. */
  readonly waiting: readonly WaitingActivity[];
  /** Null when nobody asked for the run to be ended. */
  readonly cancel: { readonly at: string; readonly reason: string } | null;
  /** What a person gave as reason for ending it at once; null when nobody did. */
  readonly terminated: string | null;
}

/** Of a pending activity (temporal/api/enums/v1/workflow.proto): no worker has taken this try up. */
const QUEUED = 1;

type Failure = Parameters<typeof decodeOptionalFailureToOptionalError>[1];

interface Tried {
  readonly activity: string;
  readonly scheduledAt: number;
  attempts: number;
  lastFailure: Failure;
}

/** The tries of a run's activities, from its history and from what the server knows of those under way. */
export async function readHistory(handle: WorkflowHandle, state: RunState | null): Promise<RunHistory> {
  const [{ events }, { raw }] = await Promise.all([handle.fetchHistory(), handle.describe()]);
  const tried = new Map<string, Tried>();
  const over = new Map<string, Tried>();
  let cancel: RunHistory['cancel'] = null;
  let terminated: string | null = null;
  for (const event of events ?? []) {
    const at = event.eventTime == null ? 0 : tsToDate(event.eventTime).getTime();
    const { activityTaskScheduledEventAttributes: scheduled, activityTaskStartedEventAttributes: started } = event;
    const { workflowExecutionCancelRequestedEventAttributes: asked, workflowExecutionTerminatedEventAttributes: ended } = event;
    if (scheduled) tried.set(String(event.eventId), { activity: scheduled.activityType?.name ?? '', scheduledAt: at, attempts: 0, lastFailure: null });
    const begun = started && tried.get(String(started.scheduledEventId));
    if (begun) {
      Object.assign(begun, { attempts: started.attempt ?? 1, lastFailure: started.lastFailure });
      over.set(String(started.scheduledEventId), begun);
    }
    if (asked) cancel = { at: new Date(at).toISOString(), reason: asked.cause ?? '' };
    if (ended) terminated = ended.reason ?? '';
  }

  const attempts = new Map<PipelineStep, number>();
  const retried = new Map<PipelineStep, RetriedActivity[]>();
  const add = (step: PipelineStep | null, each: RetriedActivity) => {
    if (step === null || each.attempts === 0) return;
    attempts.set(step, Math.max(attempts.get(step) ?? 0, each.attempts));
    if (each.attempts > 1 || each.lastFailure !== null) retried.set(step, [...(retried.get(step) ?? []), each]);
  };
  const converter = handle.client.options.loadedDataConverter;
  for (const { activity, scheduledAt, attempts: begun, lastFailure } of over.values()) {
    add(toStepAt(state, scheduledAt), { activity, attempts: begun, lastFailure: await toWords(lastFailure, converter), nextAttemptAt: null, mostAttempts: null, isUnderWay: false });
  }
  const waiting: WaitingActivity[] = [];
  for (const each of raw.pendingActivities ?? []) {
    const activity = each.activityType?.name ?? '';
    const isQueued = Number(each.state) === QUEUED;
    const since = each.scheduledTime == null ? Date.now() : tsToDate(each.scheduledTime).getTime();
    if (isQueued && each.nextAttemptScheduleTime == null) waiting.push({ activity, since: new Date(since).toISOString() });
    const next = each.nextAttemptScheduleTime;
    add(toStepAt(state, since) ?? toRunningStep(state), {
      activity,
      attempts: (each.attempt ?? 1) - (isQueued ? 1 : 0),
      lastFailure: await toWords(each.lastFailure, converter),
      nextAttemptAt: next == null ? null : tsToDate(next).toISOString(),
      mostAttempts: (each.maximumAttempts ?? 0) === 0 ? null : each.maximumAttempts!,
      isUnderWay: true,
    });
  }
  return { attempts, retried, waiting, cancel, terminated };
}

/** Steps come one after the other: an activity belongs to the one that had begun last when it was asked for. */
function toStepAt(state: RunState | null, scheduledAt: number): PipelineStep | null {
  const begun = state?.steps.filter(({ startedAt, status }) => startedAt !== null && status !== 'skipped' && Date.parse(startedAt) <= scheduledAt) ?? [];
  return begun.reduce<(typeof begun)[number] | null>((last, each) => (last === null || Date.parse(each.startedAt!) >= Date.parse(last.startedAt!) ? each : last), null)?.step ?? null;
}

function toRunningStep(state: RunState | null): PipelineStep | null {
  return state?.steps.find(({ status }) => status === 'running')?.step ?? null;
}

async function toWords(failure: Failure, converter: LoadedDataConverter): Promise<string | null> {
  const error = await decodeOptionalFailureToOptionalError(converter, failure);
  return error === undefined ? null : toRootMessage(error);
}
