import type { Cluster } from './cluster.ts';
import { readApiState } from './api-state.ts';
import type { ApiState } from './api-state.ts';
import type { Condition, Pod, ReplicaSet } from './objects.ts';
import { isReady, toRevision } from './objects.ts';
import { toPodTrouble } from './pod-trouble.ts';
import type { ReleaseMarks } from './release-marks.ts';
import { toReleaseMarks } from './release-marks.ts';
import type { Asking } from './resources.ts';
import type { RolloutProgress } from './rollout-progress.ts';
import { toRolloutProgress } from './rollout-progress.ts';

/** What runs in the cluster, for people. */
export interface RolloutStatus {
  readonly namespace: string;
  readonly release: ReleaseMarks;
  readonly phase: RolloutProgress['phase'];
  /** One line that says how far the rollout is. */
  readonly note: string;
  readonly replicas: { readonly desired: number; readonly updated: number; readonly ready: number; readonly available: number };
  readonly pods: readonly PodStatus[];
  readonly conditions: readonly Condition[];
  /** Newest first; those that `undoRollout` can go back to. */
  readonly revisions: readonly Revision[];
}

export interface PodStatus {
  readonly name: string;
  readonly release: ReleaseMarks;
  /** `Running`, `Pending`, …; `Terminating` when it is on its way out. */
  readonly phase: string;
  readonly ready: boolean;
  /** Why it does not come up; null when it does. */
  readonly trouble: { readonly reason: string; readonly message: string } | null;
  readonly restarts: number;
  readonly createdAt: Date;
}

export interface Revision {
  readonly revision: number;
  readonly release: ReleaseMarks;
  readonly isCurrent: boolean;
  readonly pods: number;
  readonly createdAt: Date;
}

/** @throws Failure `not-found` when the API was never rolled out there; and as {@link Cluster.ask} does */
export async function readRollout(cluster: Cluster, options: Asking = {}): Promise<RolloutStatus> {
  const state = await readApiState(cluster, options);
  const { deployment } = state;
  const { phase, note } = toRolloutProgress(state);
  const { updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0, conditions = [] } = deployment.status ?? {};
  return {
    namespace: cluster.namespace,
    release: toReleaseMarks(deployment.spec.template),
    phase,
    note,
    replicas: { desired: deployment.spec.replicas ?? 1, updated: updatedReplicas, ready: readyReplicas, available: availableReplicas },
    pods: state.pods.map(toPodStatus),
    conditions: conditions.map(({ type, status, reason, message }) => ({ type, status, ...(reason && { reason }), ...(message && { message }) })),
    revisions: toRevisions(state),
  };
}

function toPodStatus(pod: Pod): PodStatus {
  const { metadata, status } = pod;
  const trouble = toPodTrouble(pod);
  return {
    name: metadata.name,
    release: toReleaseMarks({ metadata, spec: pod.spec }),
    phase: metadata.deletionTimestamp === undefined ? (status?.phase ?? 'Unknown') : 'Terminating',
    ready: isReady(pod),
    trouble: trouble && { reason: trouble.reason, message: trouble.message },
    restarts: (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0),
    createdAt: new Date(metadata.creationTimestamp),
  };
}

function toRevisions({ deployment, replicaSets }: ApiState): Revision[] {
  return replicaSets
    .filter((each) => toRevision(each) > 0)
    .map((each: ReplicaSet) => ({
      revision: toRevision(each),
      release: toReleaseMarks(each.spec.template),
      isCurrent: toRevision(each) === toRevision(deployment),
      pods: each.status?.replicas ?? 0,
      createdAt: new Date(each.metadata.creationTimestamp),
    }));
}
