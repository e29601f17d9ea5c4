import type { Client, WorkflowHandle } from '@temporalio/client';
import { startPipeline } from '../../cli/pipeline-runs.ts';
import type { DeploymentReadiness } from '../../domain/deployment.ts';
import { Failure } from '../../domain/failure.ts';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import { createFakeActivities, TURNED_AWAY } from '../support/fake-activities.ts';
import type { PipelineActivities } from '../support/fake-activities.ts';
import { GIT_SHA } from '../support/models.ts';
import { approveUpdate, runStateQuery } from '../../workflows/contract.ts';
import { untilCancelled } from '../support/until-cancelled.ts';
import { until } from '../support/until.ts';

/** One way in which a run goes, and so the name of one recorded history. */
export interface Scenario {
  readonly name: string;
  readonly switches: Readonly<Record<string, unknown>>;
  readonly activities: PipelineActivities;
  /** Told as soon as the training is under way; cancels the run or lets it be. */
  readonly onTraining: (handle: WorkflowHandle) => Promise<unknown>;
}

const READY: DeploymentReadiness = { buildImage: { ready: true }, images: ['api', 'worker'], rollOut: { ready: true } };
const leaveAlone = () => Promise.resolve();

export const SCENARIOS: readonly Scenario[] = [
  { name: 'registered', switches: { deploy: 'off' }, activities: createFakeActivities(), onTraining: leaveAlone },
  {
    name: 'rejected',
    switches: { deploy: 'off' },
    activities: createFakeActivities({ evaluateCandidate: async () => TURNED_AWAY }),
    onTraining: leaveAlone,
  },
  { name: 'process-and-split-off', switches: { process: false, split: false, deploy: 'off' }, activities: createFakeActivities(), onTraining: leaveAlone },
  { name: 'train-off', switches: { train: false, deploy: 'off' }, activities: createFakeActivities(), onTraining: leaveAlone },
  {
    name: 'cancelled',
    switches: { deploy: 'off' },
    activities: createFakeActivities({ trainModel: untilCancelled }),
    onTraining: (handle) => handle.cancel(),
  },
  { name: 'deploy-not-configured', switches: {}, activities: createFakeActivities(), onTraining: leaveAlone },
  { name: 'deployed', switches: { deploy: 'on' }, activities: createFakeActivities({ checkDeployment: async () => READY }), onTraining: leaveAlone },
  { name: 'candidates', switches: { candidates: 3, deploy: 'off' }, activities: createFakeActivities(), onTraining: leaveAlone },
  { name: 'azure-ml', switches: { compute: 'azure-ml', candidates: 2, deploy: 'off' }, activities: createFakeActivities(), onTraining: leaveAlone },
  {
    name: 'deployed-without-training',
    switches: { process: false, split: false, train: false, deploy: 'on' },
    activities: createFakeActivities({ checkDeployment: async () => READY }),
    onTraining: leaveAlone,
  },
  { name: 'closed', switches: {}, activities: createFakeActivities({ findTargets: async () => ['webhook'] }), onTraining: leaveAlone },
  { name: 'closed-after-failure', switches: { deploy: 'off' }, activities: createFakeActivities({ evaluateCandidate: () => Promise.reject(new Failure('parity-broken', 'It differs.')) }), onTraining: leaveAlone },
  { name: 'closed-after-cancelling', switches: { deploy: 'off' }, activities: createFakeActivities({ trainModel: untilCancelled }), onTraining: (handle) => handle.cancel() },
  { name: 'approved', switches: { deploy: 'on', approval: true }, activities: createFakeActivities({ checkDeployment: async () => READY }), onTraining: approve },
  {
    name: 'not-approved-in-time',
    switches: { deploy: 'on', approval: true, approvalLimitHours: 1 / 3600 },
    activities: createFakeActivities({ checkDeployment: async () => READY }),
    onTraining: leaveAlone,
  },
];

async function approve(handle: WorkflowHandle): Promise<void> {
  await until(async () => (await handle.query(runStateQuery)).approval !== null);
  await handle.executeUpdate(approveUpdate, { args: [{ by: 'kim', reason: 'Good.' }] });
}

/** Runs a scenario to its end, whatever that is; workers for it must stand by. */
export async function play({ switches, onTraining }: Scenario, client: Client, training: Promise<void>): Promise<WorkflowHandle> {
  const { handle, runId } = await startPipeline(client, pipelineInputSchema.parse({ gitSha: GIT_SHA, ...switches }));
  const ended = handle.result().catch(() => undefined);
  await Promise.race([training.then(() => onTraining(handle)), ended]);
  await ended;
  return client.workflow.getHandle(handle.workflowId, runId);
}
