import type { Client } from '@temporalio/client';
import type { PipelineOutcome } from '../../domain/run-state.ts';
import { PIPELINE_WORKFLOW } from '../../workflows/contract.ts';
import type { RunEntry, RunStatus } from './run-entry.ts';
import { toRunEntry } from './run-entry.ts';

/** Which runs are meant; all conditions must hold. */
export interface RunFilter {
  readonly status?: RunStatus | undefined;
  readonly outcome?: PipelineOutcome | undefined;
  /** A git-sha, or how it begins: hexadecimal digits. */
  readonly gitSha?: string | undefined;
  readonly runId?: string | undefined;
  /** The first moment that counts. */
  readonly startedFrom?: Date | undefined;
  /** The first moment that doesn't any more. */
  readonly startedBefore?: Date | undefined;
}

const CONDITIONS: Readonly<Record<RunStatus, string>> = {
  running: "ExecutionStatus = 'Running'",
  waiting: "ExecutionStatus = 'Running' AND Step = 'approve'",
  succeeded: "ExecutionStatus = 'Completed'",
  failed: "ExecutionStatus IN ('Failed', 'TimedOut')",
  cancelled: "ExecutionStatus IN ('Canceled', 'Terminated')",
};

const PAGE_SIZE = 100;

/** Runs that Temporal still knows, the newest start first. Of more than `limit`, those under way and those that ended last. */
export async function listRuns(client: Client, filter: RunFilter, limit: number): Promise<RunEntry[]> {
  const entries: RunEntry[] = [];
  for await (const info of client.workflow.list({ query: toQuery(filter), pageSize: Math.min(limit, PAGE_SIZE) })) {
    entries.push(toRunEntry(info));
    if (entries.length >= limit) break;
  }
  return entries.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

/** The run that began last; null when there is none. */
export async function findNewestRun(client: Client, filter: RunFilter): Promise<RunEntry | null> {
  let newest: RunEntry | null = null;
  for (;;) {
    // Pages go by the end of runs: what began last may lie beyond the first one.
    const startedFrom: Date | undefined = newest === null ? filter.startedFrom : new Date(Date.parse(newest.startedAt) + 1);
    const [later] = await listRuns(client, { ...filter, startedFrom }, PAGE_SIZE);
    if (later === undefined) return newest;
    newest = later;
  }
}

/** In the language of Temporal's visibility. Whoever fills in the filter has checked it: nothing is escaped here. */
function toQuery({ status, outcome, gitSha, runId, startedFrom, startedBefore }: RunFilter): string {
  return [
    `WorkflowType = '${PIPELINE_WORKFLOW}'`,
    ...(status === undefined ? [] : [CONDITIONS[status]]),
    ...(outcome === undefined ? [] : [`Outcome = '${outcome}'`]),
    ...(gitSha === undefined ? [] : [`GitSha STARTS_WITH '${gitSha}'`]),
    ...(runId === undefined ? [] : [`RunId = '${runId}'`]),
    ...(startedFrom === undefined ? [] : [`StartTime >= '${startedFrom.toISOString()}'`]),
    ...(startedBefore === undefined ? [] : [`StartTime < '${startedBefore.toISOString()}'`]),
  ].join(' AND ');
}
