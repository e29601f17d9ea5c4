import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, setCurrentDetails, startChild, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { GitSha } from '../domain/git-sha.ts';
import { toPipelineWorkflowId } from '../domain/names.ts';
import type { ScheduledRunInput, ScheduledRunResult, StartDecision, TriedImages } from '../domain/scheduled-run.ts';
import { decideStart } from '../domain/scheduled-run.ts';
import { scheduling } from './activity-proxies.ts';
import { PIPELINE_WORKFLOW, SEARCH_ATTRIBUTES, toPipelineStart } from './contract.ts';

/**
 * A schedule's turn: starts a run, or says why there is none to start. It does not wait for the run. What it began for which
 * images it hands to the next turn as its result, so that no turn needs to remember anything elsewhere.
 */
export async function scheduledRun(input: ScheduledRunInput): Promise<ScheduledRunResult> {
  const former = (workflowInfo().lastResult as ScheduledRunResult | undefined)?.tried ?? null;
  const { gitSha, runId } = await scheduling.findRunUnderWay({ gitSha: input.gitSha });
  if (runId !== null) return end(toJoined(gitSha, runId, former));
  const decision = await decide(input, gitSha, former);
  if (decision.outcome !== 'start') return end({ ...decision, gitSha, workflowId: null, runId: null, tried: former });
  return end(await start(input, gitSha, decision.tried ?? former));
}

interface Start {
  readonly outcome: 'start';
  /** Null where it does not matter which images there are. */
  readonly tried: TriedImages | null;
}

async function decide({ run, onlyIfNewData, settleMinutes, mostWaitMinutes }: ScheduledRunInput, gitSha: GitSha, tried: TriedImages | null): Promise<StartDecision | Start> {
  if (!onlyIfNewData) return { outcome: 'start', tried: null };
  const found = await scheduling.checkNewImages({ use: run.train ? 'train' : 'process' });
  return decideStart({ found, gitSha, now: new Date(), tried, settleMinutes, mostWaitMinutes });
}

async function start({ run }: ScheduledRunInput, gitSha: GitSha, tried: TriedImages | null): Promise<ScheduledRunResult> {
  const options = toPipelineStart({ ...run, gitSha, reuse: null });
  try {
    const child = await startChild(PIPELINE_WORKFLOW, { ...options, parentClosePolicy: ParentClosePolicy.ABANDON });
    const { workflowId, firstExecutionRunId: runId } = child;
    return { outcome: 'started', note: `Started ${workflowId}.`, gitSha, workflowId, runId, tried };
  } catch (error) {
    // Somebody else was a moment faster.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return toJoined(gitSha, null, tried);
    throw error;
  }
}

function toJoined(gitSha: GitSha, runId: string | null, tried: TriedImages | null): ScheduledRunResult {
  const workflowId = toPipelineWorkflowId(gitSha);
  return { outcome: 'joined', note: `${workflowId} is under way already.`, gitSha, workflowId, runId, tried };
}

function end(result: ScheduledRunResult): ScheduledRunResult {
  setCurrentDetails(`**${result.outcome}**: ${result.note}`);
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.outcome, value: result.outcome },
    { key: SEARCH_ATTRIBUTES.gitSha, value: result.gitSha },
  ]);
  return result;
}
