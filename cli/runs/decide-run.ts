import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { ApprovalState, Decision } from '../../domain/approval.ts';
import { Failure } from '../../domain/failure.ts';
import type { approveUpdate } from '../../workflows/contract.ts';
import { toRootMessage } from '../../workflows/root-message.ts';
import type { RunEntry } from './run-entry.ts';
import type { RunSources } from './with-runs.ts';

/** A worker that is there answers within a second; one that starts now within some. */
const ANSWER_LIMIT_MS = 20_000;

/**
 * Lets the rollout of a run through, or not.
 *
 * @throws Failure `input-invalid` with the run's own words when it refuses the decision; `dependency-unavailable` when no
 *   worker takes it
 */
export async function decideRun(entry: RunEntry, update: typeof approveUpdate, decision: Decision, { client }: Pick<RunSources, 'client'>): Promise<ApprovalState> {
  const handle = client.workflow.getHandle(entry.workflowId, entry.runId);
  try {
    return await client.withDeadline(Date.now() + ANSWER_LIMIT_MS, () => handle.executeUpdate(update, { args: [decision] }));
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) throw new Failure('input-invalid', `Run ${entry.runName}: ${toRootMessage(error.cause)}`, { cause: error });
    if (error instanceof WorkflowNotFoundError) throw new Failure('input-invalid', `Run ${entry.runName} has just ended: there is nothing left to decide.`, { cause: error });
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      throw new Failure('dependency-unavailable', `No worker has taken the decision about run ${entry.runName}: is one of the role "pipeline" running? \`barometer worker --role pipeline\` starts one. See with \`barometer runs show ${entry.runName}\` how the run stands before you decide again.`, { cause: error });
    }
    throw error;
  }
}
