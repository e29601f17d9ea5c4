import { Context } from '@temporalio/activity';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { startPipeline } from '../../cli/pipeline-runs.ts';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import { createFakeActivities } from '../support/fake-activities.ts';
import type { PipelineActivities } from '../support/fake-activities.ts';
import { GIT_SHA } from '../support/models.ts';

/** One way in which a run goes, and so the name of one recorded history. */
export interface Scenario {
  readonly name: string;
  readonly switches: Readonly<Record<string, unknown>>;
  readonly activities: PipelineActivities;
  /** Told as soon as the training is under way; cancels the run or lets it be. */
  readonly onTraining: (handle: WorkflowHandle) => Promise<unknown>;
}

const leaveAlone = () => Promise.resolve();

export const SCENARIOS: readonly Scenario[] = [
  { name: 'registered', switches: {}, activities: createFakeActivities(), onTraining: leaveAlone },
  {
    name: 'rejected',
    switches: {},
    activities: createFakeActivities({ evaluateCandidate: async () => ({ accuracy: 0.2, samples: 12, gate: { passed: false, reason: 'Too weak.' } }) }),
    onTraining: leaveAlone,
  },
  { name: 'process-and-split-off', switches: { process: false, split: false }, activities: createFakeActivities(), onTraining: leaveAlone },
  { name: 'train-off', switches: { train: false }, activities: createFakeActivities(), onTraining: leaveAlone },
  {
    name: 'cancelled',
    switches: {},
    activities: createFakeActivities({ trainModel: trainUntilCancelled }),
    onTraining: (handle) => handle.cancel(),
  },
];

/** Runs a scenario to its end, whatever that is; workers for it must stand by. */
export async function play({ switches, onTraining }: Scenario, client: Client, training: Promise<void>): Promise<WorkflowHandle> {
  const { handle, runId } = await startPipeline(client, pipelineInputSchema.parse({ gitSha: GIT_SHA, ...switches }));
  const ended = handle.result().catch(() => undefined);
  await Promise.race([training.then(() => onTraining(handle)), ended]);
  await ended;
  return client.workflow.getHandle(handle.workflowId, runId);
}

async function trainUntilCancelled(): Promise<never> {
  const context = Context.current();
  const heartbeat = setInterval(() => { context.heartbeat(); }, 50);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(heartbeat);
  }
}
