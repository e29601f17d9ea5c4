import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import type { ApprovalState, Decision } from '../domain/approval.ts';
import { decisionSchema } from '../domain/approval.ts';
import { announce } from './announce.ts';
import { approveUpdate, rejectUpdate } from './contract.ts';
import type { RunRecord, StepOutcome } from './run-record.ts';

/**
 * Listens for the decisions of people from the run's first moment on, so that one that comes when nothing waits is
 * refused with a word, and leaves no trace in the history.
 */
export function listenForDecisions(run: RunRecord): void {
  const handle = (decision: 'approved' | 'rejected', reasonIsNeeded: boolean) =>
    [
      (given: Decision): ApprovalState => {
        const { by, reason } = decisionSchema.parse(given);
        const approval: ApprovalState = { ...run.state().approval!, decision, by, reason, decidedAt: new Date().toISOString() };
        run.found({ approval });
        return approval;
      },
      { validator: (given: Decision) => { refuseUnfit(run, given, reasonIsNeeded); } },
    ] as const;
  setHandler(approveUpdate, ...handle('approved', false));
  setHandler(rejectUpdate, ...handle('rejected', true));
}

/** Holds the run until somebody decides about its rollout. Nobody deciding in time is a rejection. */
export async function holdForDecision(run: RunRecord): Promise<StepOutcome> {
  const { approvalLimitHours } = run.state().input;
  const limitMs = approvalLimitHours * 3_600_000;
  const askedAt = new Date();
  const deadline = new Date(askedAt.getTime() + limitMs).toISOString();
  run.found({ approval: { decision: null, askedAt: askedAt.toISOString(), deadline, by: null, reason: '', decidedAt: null } });
  run.progress('approve', `waits until ${toMinute(deadline)} for somebody to say yes or no`);
  await announce(run.state(), 'approval-needed');
  const isDecided = () => run.state().approval!.decision !== null;
  const remainingMs = Math.max(1, Date.parse(deadline) - Date.now());
  if (!isDecided() && !(await condition(isDecided, remainingMs))) {
    run.found({ approval: { ...run.state().approval!, decision: 'rejected', reason: 'Nobody decided in time.', decidedAt: new Date().toISOString() } });
  }
  return { note: toNote(run.state().approval!) };
}

function refuseUnfit(run: RunRecord, given: Decision, reasonIsNeeded: boolean): void {
  const { approval, outcome } = run.state();
  if (approval === null) throw refusal(outcome === null ? 'The run does not wait for a decision now.' : 'The run is over.');
  if (approval.decision !== null) throw refusal(`It was ${approval.decision} already, by ${approval.by ?? 'nobody within the time limit'}.`);
  const parsed = decisionSchema.safeParse(given);
  if (!parsed.success) throw refusal(parsed.error.issues.map(({ message }) => message).join(' '));
  if (reasonIsNeeded && parsed.data.reason === '') throw refusal('Say why: a rejection needs a reason.');
}

function refusal(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'input-invalid');
}

function toNote({ decision, by, reason }: ApprovalState): string {
  if (by === null) return reason;
  return `${decision} by ${by}${reason === '' ? '' : `: ${reason}`}`;
}

/** `2026-11-24 01:55 UTC` */
function toMinute(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}
