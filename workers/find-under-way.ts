import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';

/** The run id of the execution under way by this workflow id; null when there is none. Asked from within an activity. */
export async function findUnderWay(workflowId: string): Promise<string | null> {
  try {
    const { status, runId } = await Context.current().client.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING' || status.name === 'PAUSED' ? runId : null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
