import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ApprovalState, Decision } from '../domain/approval.ts';
import { shortSha } from '../domain/git-sha.ts';
import { toPipelineWorkflowId, toTaskQueue } from '../domain/names.ts';
import type { PipelineInput, PipelineStep } from '../domain/pipeline.ts';
import type { RunState } from '../domain/run-state.ts';
import { toListName } from '../domain/wording.ts';

/**
 * All that a client of the workflows needs to know: their names, messages and search attributes. Inputs and results are
 * in `domain/pipeline.ts`.
 */

/** The workflow type of a run. Argument: `PipelineInput`; result: `RunState`. */
export const PIPELINE_WORKFLOW = 'pipeline';

/** The workflow type of a schedule's turn. Argument: `ScheduledRunInput`; result: `ScheduledRunResult`. */
export const SCHEDULED_RUN_WORKFLOW = 'scheduledRun';

/** The workflow type of a venue's alert. Argument: `MoodAlertInput`; result: `Delivery`. Started by the API, which knows it by `domain/names.ts`. */
export { MOOD_ALERT_WORKFLOW } from '../domain/names.ts';

/** Answers at any time, also after the end, with the state of every step. */
export const runStateQuery = defineQuery<RunState>('run-state');

export interface StepProgress {
  readonly step: PipelineStep;
  /** One line for people, for example `epoch 7 of 60, loss 0.812, validation 61.3 %`. */
  readonly note: string;
}

/** Sent by a long activity now and then, so that the run's current details say how far it is. */
export const stepProgressSignal = defineSignal<[StepProgress]>('step-progress');

/**
 * Lets the rollout through that waits for a person. Refused, and not written to the history, when nothing waits or when it
 * is not said who decides.
 */
export const approveUpdate = defineUpdate<ApprovalState, [Decision]>('approve');

/** Ends the waiting without a rollout. Refused as {@link approveUpdate} is, and without a reason. */
export const rejectUpdate = defineUpdate<ApprovalState, [Decision]>('reject');

/** What runs can be searched by in the Temporal UI and in visibility queries. */
export const SEARCH_ATTRIBUTES = {
  gitSha: defineSearchAttributeKey('GitSha', 'KEYWORD'),
  step: defineSearchAttributeKey('Step', 'KEYWORD'),
  outcome: defineSearchAttributeKey('Outcome', 'KEYWORD'),
  modelVersion: defineSearchAttributeKey('ModelVersion', 'INT'),
  accuracy: defineSearchAttributeKey('Accuracy', 'DOUBLE'),
} as const;

/** How a run is started, by whomever: one at a time for a commit, and what the Temporal UI says of it. */
export function toPipelineStart(input: PipelineInput) {
  return {
    workflowId: toPipelineWorkflowId(input.gitSha),
    taskQueue: toTaskQueue('pipeline'),
    args: [input],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `Pipeline for ${shortSha(input.gitSha)}`,
    staticDetails: toStaticDetails(input),
    typedSearchAttributes: new TypedSearchAttributes([{ key: SEARCH_ATTRIBUTES.gitSha, value: input.gitSha }]),
  } as const;
}

/** What the run was asked to do, as Markdown. */
function toStaticDetails({ process, cropFaces, split, splitRatio, exclusions, train, deploy, compute, candidates, hyperparameters }: PipelineInput): string {
  const onOff = (isOn: boolean) => (isOn ? 'on' : 'off');
  const list = toListName(exclusions);
  return [
    `- process: ${onOff(process)}${cropFaces ? ', faces cut out' : ''}`,
    `- split: ${onOff(split)}, ${splitRatio} kept for testing${list === null ? '' : `, without the images of ${list}`}`,
    `- train: ${onOff(train)}, ${candidates === 1 ? '' : `${candidates} candidates `}on ${compute} compute`,
    `- deploy: ${deploy}`,
    `- hyperparameters: ${Object.entries(hyperparameters).map(([name, value]) => `${name} ${value}`).join(', ')}`,
  ].join('\n');
}
