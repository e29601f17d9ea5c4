import { z } from 'zod';

/** What a person says of a rollout that waits for one. */
export const decisionSchema = z.object({
  /** Who decides: a name, a mail address or a login. Kept in the run's history. */
  by: z.string().trim().min(1, 'Say who decides.').max(200),
  /** Why. A rejection needs one. */
  reason: z.string().trim().max(2_000).default(''),
});
export type Decision = z.infer<typeof decisionSchema>;

/** How a run stands that a person must let through. */
export const approvalStateSchema = z
  .object({
    decision: z.enum(['approved', 'rejected']).nullable(),
    /** ISO 8601 in UTC. */
    askedAt: z.string(),
    /** Nobody having decided by then counts as a rejection. ISO 8601 in UTC. */
    deadline: z.string(),
    /** Null while nobody has, and when the time was up. */
    by: z.string().nullable(),
    reason: z.string(),
    decidedAt: z.string().nullable(),
  })
  .readonly();
export type ApprovalState = z.infer<typeof approvalStateSchema>;

/** Whether nothing of a run goes on before somebody decides. */
export function isWaiting(run: { readonly approval: ApprovalState | null } | null): boolean {
  return run?.approval != null && run.approval.decision === null;
}
