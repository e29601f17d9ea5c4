import { setTimeout as wait } from 'node:timers/promises';
import { isGrpcServiceError } from '@temporalio/client';
import type { Connection } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import type { google, temporal } from '@temporalio/proto';
import protocol from '@temporalio/proto';
import { Failure, isFailure } from '../../domain/failure.ts';
import { WORKER_DEPLOYMENT } from '../../domain/names.ts';
import { GRPC_STATUS } from './grpc-status.ts';

/** What becomes of new runs, and of those that are under way, with the workers of one commit. */
export type VersionStatus =
  /** No run has gone to it yet. */
  | 'waiting'
  /** New runs go to it. */
  | 'current'
  /** A share of the new runs goes to it. */
  | 'ramping'
  /** Nothing new goes to it; runs under way are finished by it. */
  | 'draining'
  /** No run needs it any more: its workers may be taken away. */
  | 'drained';

export interface WorkerVersion {
  readonly gitSha: string;
  readonly status: VersionStatus;
  /** Of the new runs; null unless it is ramping. */
  readonly percent: number | null;
  /** ISO time of when it came to be in this status. */
  readonly since: string | null;
  readonly taskQueues: readonly string[];
  /** Identities of the workers that poll at the moment. */
  readonly workers: readonly string[];
}

/** What one worker asks for in one task queue. */
export interface PolledQueue {
  readonly name: string;
  readonly type: 'workflow' | 'activity';
}

export interface WorkerVersions {
  readonly current: string | null;
  readonly versions: readonly WorkerVersion[];
}

interface Place {
  readonly connection: Pick<Connection, 'workflowService'>;
  readonly namespace: string;
}

type Deployment = temporal.api.deployment.v1.IWorkerDeploymentInfo;
type Summary = temporal.api.deployment.v1.WorkerDeploymentInfo.IWorkerDeploymentVersionSummary;

const { TaskQueueType } = protocol.temporal.api.enums.v1;

/** Numbers of `temporal.api.enums.v1.WorkerDeploymentVersionStatus` (temporalio/api, deployment.proto). */
const STATUSES: readonly VersionStatus[] = ['waiting', 'waiting', 'current', 'ramping', 'draining', 'drained', 'waiting'];

/** All versions that the server knows of, the newest first. */
export async function listWorkerVersions(place: Place): Promise<WorkerVersions> {
  const found = await findDeployment(place);
  if (found === null) return { current: null, versions: [] };
  const { deployment } = found;
  const summaries = (deployment.versionSummaries ?? []).toSorted((one, other) => toSeconds(other.createTime) - toSeconds(one.createTime));
  const queues = new Map<string, readonly string[]>();
  for (const summary of summaries) queues.set(toGitSha(summary), toNames(await readTaskQueues(place, toGitSha(summary))));
  const pollers = await readPollers(place, [...new Set([...queues.values()].flat())]);
  return {
    current: toCurrent(deployment),
    versions: summaries.map((summary) => {
      const gitSha = toGitSha(summary);
      const status = STATUSES[summary.status ?? 0] ?? 'waiting';
      return {
        gitSha,
        status,
        percent: status === 'ramping' ? (deployment.routingConfig?.rampingVersionPercentage ?? null) : null,
        since: toSince(summary, status),
        taskQueues: queues.get(gitSha)!,
        workers: pollers.get(gitSha) ?? [],
      };
    }),
  };
}

/**
 * Sends new runs to the workers of a commit: all of them, or the given share. Zero takes a share back.
 *
 * @throws Failure `not-found` when no worker of it has ever polled; `nothing-to-use` when none of its workers does what those of
 *   the current version do; `write-conflict` when somebody else changes the versions at the same time
 */
export async function promoteWorkerVersion(place: Place, gitSha: string, percent: number | null = null): Promise<void> {
  const found = await findDeployment(place);
  const known = found?.deployment.versionSummaries?.some((summary) => toGitSha(summary) === gitSha) ?? false;
  if (found === null || !known) throw toUnknown(gitSha);
  const current = toCurrent(found.deployment);
  if (current === gitSha && percent !== null) throw new Failure('input-invalid', `All new runs go to ${gitSha} already. Ramp another version, or promote one.`);
  if (current !== null && current !== gitSha && percent !== 0) await requireTaskQueues(place, gitSha, current);
  await route(place, gitSha, percent, found.conflictToken);
}

/**
 * @param conflictToken what the server said of the state that this was decided on
 * @throws Failure `not-found`, `write-conflict`
 */
async function route({ connection, namespace }: Place, gitSha: string, percent: number | null, conflictToken: Uint8Array): Promise<void> {
  const request = { namespace, deploymentName: WORKER_DEPLOYMENT, conflictToken, identity: 'barometer' };
  try {
    await insist(async () => {
      if (percent === null) await connection.workflowService.setWorkerDeploymentCurrentVersion({ ...request, buildId: gitSha });
      else await connection.workflowService.setWorkerDeploymentRampingVersion({ ...request, buildId: percent === 0 ? '' : gitSha, percentage: percent });
    });
  } catch (error) {
    if (isNotFound(error)) throw toUnknown(gitSha, error);
    if (isConflict(error)) throw new Failure('write-conflict', 'Somebody else changed the versions of the workers at the same time. Look at `barometer workers`, and try again.', { cause: error });
    throw error;
  }
}

function toUnknown(gitSha: string, cause?: unknown): Failure {
  return new Failure('not-found', `No worker of commit ${gitSha} has polled. Start its workers first; \`barometer workers\` lists those that have.`, { cause });
}

const CHECK_INTERVAL_MS = 200;

/**
 * Waits until the server has written down that workers of this commit poll what they poll, so that it can be promoted; lets new
 * runs go to them if they go nowhere yet. Of several commits whose workers start together, one wins.
 *
 * @returns the commit that new runs go to
 * @throws Failure `dependency-unavailable` when the server does not write it down within the limit
 */
export async function joinWorkerVersions(place: Place, gitSha: string, polled: readonly PolledQueue[], limitMs: number): Promise<string> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = findMissing(polled, await readTaskQueues(place, gitSha)).length === 0 ? await findDeployment(place) : null;
    if (found !== null) {
      const current = toCurrent(found.deployment) ?? (await takeRuns(place, gitSha, found.conflictToken));
      if (current !== null) return current;
    }
    if (Date.now() > deadline) throw new Failure('dependency-unavailable', `The Temporal server does not take ${gitSha} for the version of these workers; \`barometer workers\` shows what it knows.`);
    await wait(CHECK_INTERVAL_MS);
  }
}

/** Null when another one was quicker, or the server has not written down the version everywhere yet. */
async function takeRuns(place: Place, gitSha: string, conflictToken: Uint8Array): Promise<string | null> {
  try {
    await route(place, gitSha, null, conflictToken);
    return gitSha;
  } catch (error) {
    if (isFailure(error)) return null;
    throw error;
  }
}

/** The server would refuse, too, but does not say in a way that can be read which queues are missing. */
async function requireTaskQueues(place: Place, gitSha: string, current: string): Promise<void> {
  const [own, needed] = [await readTaskQueues(place, gitSha), await readTaskQueues(place, current)];
  const missing = toNames(findMissing(needed, own));
  if (missing.length > 0) throw new Failure('nothing-to-use', `No worker of commit ${gitSha} polls ${missing.join(', ')}, as those of the current version do: its runs would wait there for ever. Start workers of all roles first.`);
}

function findMissing(needed: readonly PolledQueue[], polled: readonly PolledQueue[]): PolledQueue[] {
  return needed.filter(({ name, type }) => !polled.some((queue) => queue.name === name && queue.type === type));
}

function toNames(queues: readonly PolledQueue[]): string[] {
  return [...new Set(queues.map(({ name }) => name))].sort();
}

async function findDeployment({ connection, namespace }: Place): Promise<{ deployment: Deployment; conflictToken: Uint8Array } | null> {
  try {
    const { workerDeploymentInfo, conflictToken } = await insist(() => connection.workflowService.describeWorkerDeployment({ namespace, deploymentName: WORKER_DEPLOYMENT }));
    return { deployment: workerDeploymentInfo ?? {}, conflictToken };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await requireNamespace({ connection, namespace });
    return null;
  }
}

/**
 * The server says in the same way that it does not know a deployment, and that it does not know the namespace.
 *
 * @throws NamespaceNotFoundError
 */
async function requireNamespace({ connection, namespace }: Place): Promise<void> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    throw isNotFound(error) ? new NamespaceNotFoundError(namespace) : error;
  }
}

const MOST_LOOKS = 4;

/**
 * Servers keep versions in workflows of their own, which go on as new ones now and then: whoever asks at that moment hears that
 * there is no such thing. It is believed when it is said again and again.
 */
async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (let look = 1; ; look += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!isNotFound(error) || look === MOST_LOOKS) throw error;
      await wait(CHECK_INTERVAL_MS);
    }
  }
}

function isNotFound(error: unknown): boolean {
  return isGrpcServiceError(error) && (error.code as number) === GRPC_STATUS.notFound;
}

/** None for a version that the server lists, and has not written down everywhere yet. */
async function readTaskQueues({ connection, namespace }: Place, gitSha: string): Promise<PolledQueue[]> {
  const deploymentVersion = { deploymentName: WORKER_DEPLOYMENT, buildId: gitSha };
  try {
    const { workerDeploymentVersionInfo } = await insist(() => connection.workflowService.describeWorkerDeploymentVersion({ namespace, deploymentVersion }));
    const queues = workerDeploymentVersionInfo?.taskQueueInfos ?? [];
    return queues.map(({ name, type }) => ({ name: name ?? '', type: type === TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW ? 'workflow' : 'activity' }));
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** Who polls, by commit. */
async function readPollers({ connection, namespace }: Place, taskQueues: readonly string[]): Promise<Map<string, readonly string[]>> {
  const pollers = new Map<string, readonly string[]>();
  for (const name of taskQueues) {
    for (const taskQueueType of [TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY]) {
      const { pollers: found } = await connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType });
      for (const { identity, deploymentOptions } of found) {
        const gitSha = deploymentOptions?.deploymentName === WORKER_DEPLOYMENT ? deploymentOptions.buildId : null;
        if (gitSha != null && identity != null) pollers.set(gitSha, [...new Set([...(pollers.get(gitSha) ?? []), identity])].sort());
      }
    }
  }
  return pollers;
}

function isConflict(error: unknown): boolean {
  return isGrpcServiceError(error) && ((error.code as number) === GRPC_STATUS.failedPrecondition || (error.code as number) === GRPC_STATUS.aborted);
}

function toCurrent({ routingConfig }: Deployment): string | null {
  const buildId = routingConfig?.currentDeploymentVersion?.buildId;
  return buildId == null || buildId === '' ? null : buildId;
}

function toGitSha({ deploymentVersion }: Summary): string {
  return deploymentVersion?.buildId ?? '';
}

function toSince(summary: Summary, status: VersionStatus): string | null {
  const { currentSinceTime, rampingSinceTime, lastDeactivationTime, createTime, drainageInfo } = summary;
  const times = { waiting: createTime, current: currentSinceTime, ramping: rampingSinceTime, draining: lastDeactivationTime ?? drainageInfo?.lastChangedTime, drained: drainageInfo?.lastChangedTime };
  const seconds = toSeconds(times[status]);
  return seconds === 0 ? null : new Date(seconds * 1000).toISOString();
}

function toSeconds(time: google.protobuf.ITimestamp | null | undefined): number {
  return Number(time?.seconds ?? 0);
}
