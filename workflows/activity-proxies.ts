import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { AdoptTrainingActivities } from '../activities/adopt-training.ts';
import type { BuildImageActivities } from '../activities/build-image.ts';
import type { CheckDeploymentActivities } from '../activities/check-deployment.ts';
import type { CheckNewImagesActivities } from '../activities/check-new-images.ts';
import type { EvaluateActivities } from '../activities/evaluate.ts';
import type { FileRunActivities } from '../activities/file-run.ts';
import type { FindRunUnderWayActivities } from '../activities/find-run-under-way.ts';
import type { IngestActivities } from '../activities/ingest.ts';
import type { MoodAlertActivities } from '../activities/mood-alert.ts';
import type { NoteInventoryUsedActivities } from '../activities/note-inventory-used.ts';
import type { NotifyActivities } from '../activities/notify.ts';
import type { OutputActivities } from '../activities/outputs.ts';
import type { RegisterActivities } from '../activities/register.ts';
import type { RegisterInWorkspaceActivities } from '../activities/register-in-workspace.ts';
import type { ResizeActivities } from '../activities/resize.ts';
import type { RollOutActivities } from '../activities/roll-out.ts';
import type { SplitActivities } from '../activities/split.ts';
import type { TrainActivities } from '../activities/train.ts';
import type { ComputeKind } from '../domain/compute.ts';
import { toTaskQueue, toTrainingQueue } from '../domain/names.ts';

/**
 * How long each kind of activity may take and how it is tried again. Which failures are worth another try is said by
 * `domain/failure.ts`; here stands only how often and for how long.
 */

/** A storage account or a worker may be away for an afternoon; a run survives that, and a day later a person must look. */
const patience = { scheduleToCloseTimeout: '24 hours' } as const;

/** An outage is first hoped to be short, then not hammered. */
const retry = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;

/** Look-ups and single writes: a few requests to the storage account. */
const short: ActivityOptions = { ...patience, startToCloseTimeout: '2 minutes', retry };

/**
 * Work that reads or writes the whole inventory or thousands of images. The heartbeat, not the time limit, tells that a
 * worker has died: 20 seconds, because two busy cores can hold a heartbeat up for several.
 */
const long: ActivityOptions = { ...patience, startToCloseTimeout: '2 hours', heartbeatTimeout: '20 seconds', retry };

/**
 * Training: hours are normal, and every attempt goes on from the last checkpoint. Five attempts, because a training that
 * was interrupted five times needs a person. Cancelling waits until the process has really ended.
 */
const training: ActivityOptions = {
  ...long,
  startToCloseTimeout: '12 hours',
  retry: { ...retry, maximumAttempts: 5 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/**
 * Watching a training that goes on by itself: more attempts, for a worker that is replaced only takes up the watching again.
 * A day and a half, because a job may wait for a node.
 */
const trainingElsewhere: ActivityOptions = {
  ...training,
  scheduleToCloseTimeout: '36 hours',
  startToCloseTimeout: '36 hours',
  retry: { ...retry, maximumAttempts: 20 },
};

/** Cancelling waits for the clean-up: no half-registered model may stay behind. */
const registering: ActivityOptions = {
  ...short,
  heartbeatTimeout: '20 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/**
 * Builds for two platforms, with cold caches. Five attempts, for a registry that is away for a while; what broke in the
 * Dockerfile is no better at the second. Cancelling waits until the engine has really ended.
 */
const building: ActivityOptions = {
  ...long,
  retry: { ...retry, maximumAttempts: 5 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/**
 * Waits for the rollout before it, for the pods, and for what ran before to come back where that must be; each of these has
 * a limit of its own. A worker that dies in the middle is followed by another one, which knows what to restore. Cancelling
 * waits until the cluster is as it was.
 */
const rollingOut: ActivityOptions = { ...long, cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED };

/** The next turn of a schedule does it again, so that a day of patience would only hold that up. */
const looking: ActivityOptions = { startToCloseTimeout: '20 minutes', scheduleToCloseTimeout: '30 minutes', heartbeatTimeout: '20 seconds', retry };

/** A run waits for these at its end: not long, for they are only about who is told of it, and who can look it up. */
const finding: ActivityOptions = { startToCloseTimeout: '10 seconds', scheduleToCloseTimeout: '2 minutes', retry };

/** A receiver may be away for a day; it is asked often at first, and then every ten minutes, or when it says itself. */
const delivering: ActivityOptions = { ...patience, startToCloseTimeout: '30 seconds', retry: { ...retry, maximumInterval: '10 minutes' } };

/**
 * One try each to tell a venue's system: the workflow counts them, and says how long it goes on. A worker that dies in one is not waited for longer than
 * its request may take.
 */
const alertingOnce: ActivityOptions = { startToCloseTimeout: '10 seconds', retry: { maximumAttempts: 1 } };

export const outputs = proxyActivities<OutputActivities & AdoptTrainingActivities>({ ...short, taskQueue: toTaskQueue('data') });
export const ingest = proxyActivities<IngestActivities>({ ...long, taskQueue: toTaskQueue('data'), summary: 'list the raw images' });
export const resize = proxyActivities<ResizeActivities>({ ...long, taskQueue: toTaskQueue('data') });
export const split = proxyActivities<SplitActivities>({ ...long, taskQueue: toTaskQueue('data'), summary: 'choose the test side by content' });
/** By where they train. */
export const trainOn = {
  local: proxyActivities<TrainActivities>({ ...training, taskQueue: toTrainingQueue('local') }),
  'azure-ml': proxyActivities<TrainActivities>({ ...trainingElsewhere, taskQueue: toTrainingQueue('azure-ml') }),
} satisfies Record<ComputeKind, unknown>;
export const evaluate = proxyActivities<EvaluateActivities>({ ...long, taskQueue: toTaskQueue('data'), summary: 'measure on unseen images, beside the latest model' });
export const register = proxyActivities<RegisterActivities>({ ...registering, taskQueue: toTaskQueue('data'), summary: 'take the next version, move "latest"' });
export const workspace = proxyActivities<RegisterInWorkspaceActivities>({ ...registering, taskQueue: toTaskQueue('data'), summary: 'show it in the workspace, too' });
export const deployment = proxyActivities<CheckDeploymentActivities>({ ...short, taskQueue: toTaskQueue('deploy'), summary: 'what is configured' });
export const images = proxyActivities<BuildImageActivities>({ ...building, taskQueue: toTaskQueue('deploy') });
export const rollout = proxyActivities<RollOutActivities>({ ...rollingOut, taskQueue: toTaskQueue('deploy'), summary: 'apply, wait, prove' });
export const filing = proxyActivities<FileRunActivities>({ ...finding, taskQueue: toTaskQueue('data'), summary: 'keep what became of the run' });
export const targets = proxyActivities<Pick<NotifyActivities, 'findTargets'>>({ ...finding, taskQueue: toTaskQueue('data'), summary: 'who is to be told' });
export const scheduling = proxyActivities<FindRunUnderWayActivities & CheckNewImagesActivities>({ ...looking, taskQueue: toTaskQueue('data') });
export const inventories = proxyActivities<NoteInventoryUsedActivities>({ ...finding, taskQueue: toTaskQueue('data'), summary: 'what scheduled runs tell new images by' });
export const notifying = proxyActivities<Pick<NotifyActivities, 'deliver'>>({ ...delivering, taskQueue: toTaskQueue('data') });
/** By the role that does no heavy work: no alert waits for a training set. */
export const alerting = proxyActivities<Pick<MoodAlertActivities, 'deliverMoodAlert'>>({ ...alertingOnce, taskQueue: toTaskQueue('pipeline') });
export const alertRecords = proxyActivities<Pick<MoodAlertActivities, 'recordMoodAlert'>>({ ...short, taskQueue: toTaskQueue('pipeline'), summary: 'keep what became of it' });
