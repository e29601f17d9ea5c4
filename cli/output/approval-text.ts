import type { ApprovalState } from '../../domain/approval.ts';
import type { RunState } from '../../domain/run-state.ts';
import { toMinute } from './format.ts';

/** Until when a run waits for a person, and how that person answers. */
export function toWaitingText({ approval, runName }: RunState): string {
  const until = approval === null ? '' : ` until ${toMinute(approval.deadline)} UTC`;
  return `  ‖ waits for approval${until}\n      barometer approve ${runName}\n      barometer reject ${runName} --reason …`;
}

/** `approved by ada@example.com, 2026-11-24 01:55 UTC: better on sad faces`. */
export function toDecisionText({ decision, by, decidedAt, deadline, reason }: ApprovalState): string {
  if (decision === null) return `waits until ${toMinute(deadline)} UTC; nobody having decided by then counts as a no`;
  const who = by === null ? decision : `${decision} by ${by}`;
  return `${who}${decidedAt === null ? '' : `, ${toMinute(decidedAt)} UTC`}${reason === '' ? '' : `: ${reason}`}`;
}
