import type { WorkflowExecutionInfo } from '@temporalio/client';
import type { FiledRun } from '../../domain/filed-run.ts';
import { gitShaSchema } from '../../domain/git-sha.ts';
import { toRunName } from '../../domain/names.ts';
import { toFailedStep } from '../../domain/retry.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';

/** How a run stands: `waiting` is for a person who must let its rollout through. */
export const RUN_STATUSES = ['running', 'waiting', 'succeeded', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** A run as lists show it. */
export interface RunEntry {
  readonly runName: string;
  readonly gitSha: string;
  readonly status: RunStatus;
  /** Where it is, or ended; null before the first step. */
  readonly step: string | null;
  readonly outcome: string | null;
  readonly accuracy: number | null;
  readonly modelVersion: number | null;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  /** Null while it is under way. */
  readonly endedAt: string | null;
  readonly workflowId: string;
  readonly runId: string;
}

/** How Temporal knows it. */
export function toRunEntry({ workflowId, runId, status, startTime, closeTime, typedSearchAttributes: attributes }: Pick<WorkflowExecutionInfo, 'workflowId' | 'runId' | 'status' | 'startTime' | 'closeTime' | 'typedSearchAttributes'>): RunEntry {
  const gitSha = gitShaSchema.safeParse(attributes.get(SEARCH_ATTRIBUTES.gitSha)).data ?? workflowId.replace(/^pipeline-/, '');
  const step = attributes.get(SEARCH_ATTRIBUTES.step) ?? null;
  return {
    runName: toRunName(startTime, gitSha),
    gitSha,
    status: toStatus(status.name, step),
    step,
    outcome: attributes.get(SEARCH_ATTRIBUTES.outcome) ?? null,
    accuracy: attributes.get(SEARCH_ATTRIBUTES.accuracy) ?? null,
    modelVersion: attributes.get(SEARCH_ATTRIBUTES.modelVersion) ?? null,
    startedAt: startTime.toISOString(),
    endedAt: closeTime?.toISOString() ?? null,
    workflowId,
    runId,
  };
}

/** How the storage account knows one that Temporal has forgotten. */
export function toFiledEntry({ workflowId, runId, status, startedAt, endedAt, state }: FiledRun): RunEntry {
  const { runName, gitSha, outcome, accuracy, model } = state;
  return { runName, gitSha, status, step: toFailedStep(state), outcome, accuracy, modelVersion: model?.version ?? null, startedAt, endedAt, workflowId, runId };
}

export function isUnderWay({ status }: Pick<RunEntry, 'status'>): boolean {
  return status === 'running' || status === 'waiting';
}

function toStatus(name: WorkflowExecutionInfo['status']['name'], step: string | null): RunStatus {
  switch (name) {
    case 'COMPLETED':
    case 'CONTINUED_AS_NEW':
      return 'succeeded';
    case 'FAILED':
    case 'TIMED_OUT':
      return 'failed';
    case 'CANCELLED':
    case 'TERMINATED':
      return 'cancelled';
    case 'RUNNING':
    case 'PAUSED':
    case 'UNSPECIFIED':
    case 'UNKNOWN':
      return step === 'approve' ? 'waiting' : 'running';
  }
}
