import { CancellationScope, log, patched, workflowInfo } from '@temporalio/workflow';
import type { FiledRun } from '../domain/filed-run.ts';
import type { NotificationEvent } from '../domain/notification.ts';
import type { PipelineOutcome } from '../domain/pipeline.ts';
import { filing } from './activity-proxies.ts';
import { announce } from './announce.ts';
import { toRootMessage } from './root-message.ts';
import type { RunRecord } from './run-record.ts';

const EVENTS_BY_OUTCOME: Readonly<Record<PipelineOutcome, NotificationEvent>> = {
  registered: 'succeeded',
  completed: 'succeeded',
  rejected: 'rejected',
  'not-approved': 'not-approved',
};

/**
 * Keeps what became of a run, and has those told who want to know. Also in a run that is being cancelled. Never fails: what
 * the run has done is done, whoever learns of it.
 */
export async function closeRun(run: RunRecord, { status, reason }: Pick<FiledRun, 'status' | 'reason'>): Promise<void> {
  // Runs that began before there was a closing end without one.
  if (!patched('close-run')) return;
  const { workflowId, runId, startTime } = workflowInfo();
  const state = run.state();
  const times = { startedAt: startTime.toISOString(), endedAt: new Date().toISOString() };
  const event = status === 'succeeded' ? EVENTS_BY_OUTCOME[state.outcome!] : status;
  await CancellationScope.nonCancellable(async () => {
    await Promise.all([
      filing.fileRun({ workflowId, runId, status, reason, ...times, state }).catch((error: unknown) => {
        log.warn('could not keep what became of the run', { reason: toRootMessage(error) });
      }),
      announce(state, event, reason === null ? {} : { reason }),
    ]);
  });
}
