import { CancellationScope, log, patched, workflowInfo } from '@temporalio/workflow';
import type { FiledRun } from '../domain/filed-run.ts';
import type { NotificationEvent } from '../domain/notification.ts';
import type { PipelineOutcome } from '../domain/run-state.ts';
import { filing, inventories } from './activity-proxies.ts';
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
      filing.fileRun({ workflowId, runId, status, reason, ...times, state }).catch(warn('keep what became of the run')),
      // Whatever came of it: until other images are there, a scheduled run has nothing to do.
      ...(status === 'succeeded' && state.inventory !== null ? [inventories.noteInventoryUsed({ inventory: state.inventory, trained: state.input.train }).catch(warn('note which images were used'))] : []),
      announce(state, event, reason === null ? {} : { reason }),
    ]);
  });
}

function warn(what: string) {
  return (error: unknown): void => {
    log.warn(`could not ${what}`, { reason: toRootMessage(error) });
  };
}
