import type { ApiState } from './api-state.ts';
import type { Deployment, Pod, ReplicaSet } from './objects.ts';
import { isReady, TEMPLATE_HASH, toRevision } from './objects.ts';
import type { PodTrouble } from './pod-trouble.ts';
import { toPodTrouble } from './pod-trouble.ts';

export interface RolloutProgress {
  /** `failed` only when the cluster itself has given up; troubled pods may still recover. */
  readonly phase: 'under-way' | 'complete' | 'failed';
  /** One line for people. */
  readonly note: string;
  readonly troubles: readonly PodTrouble[];
  /** Why the cluster can't even make a pod, for example a quota; null when it can. */
  readonly noPods: string | null;
}

/** How far a rollout is, as `kubectl rollout status` decides it. */
export function toRolloutProgress(state: ApiState): RolloutProgress {
  const { metadata, spec, status = {} } = state.deployment;
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    return { phase: 'under-way', note: 'the cluster has yet to see the change', troubles: [], noPods: null };
  }
  const conditions = status.conditions ?? [];
  const troubles = newPods(state).flatMap((pod) => toPodTrouble(pod) ?? []);
  const refused = conditions.find((condition) => condition.type === 'ReplicaFailure' && condition.status === 'True');
  const noPods = refused === undefined ? null : `${refused.reason ?? 'ReplicaFailure'}: ${refused.message ?? ''}`;
  const obstacles = { troubles, noPods };
  if (spec.paused === true) return { phase: 'failed', note: 'the Deployment is paused', ...obstacles };
  if (conditions.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded')) {
    return { phase: 'failed', note: 'the new pods did not come up within progressDeadlineSeconds', ...obstacles };
  }
  const left = toWhatIsLeft(spec.replicas ?? 1, readyNewPods(state).length, status);
  if (left === null) return { phase: 'complete', note: `${status.availableReplicas ?? 0} new pods are available`, ...obstacles };
  const named = troubles.map(({ pod, reason }) => `${pod}: ${reason}`);
  return { phase: 'under-way', note: [left, ...named, ...(noPods === null ? [] : [noPods])].join('; '), ...obstacles };
}

/** Null when nothing is. People look for the new pods first: without them no old one goes. */
function toWhatIsLeft(wanted: number, ready: number, { replicas = 0, updatedReplicas = 0, availableReplicas = 0 }: NonNullable<Deployment['status']>): string | null {
  if (updatedReplicas >= wanted && replicas <= updatedReplicas && availableReplicas >= updatedReplicas) return null;
  if (updatedReplicas < wanted || ready < wanted) return `${ready} of ${wanted} new pods are ready`;
  if (replicas > updatedReplicas) return `${replicas - updatedReplicas} of the old pods have yet to go`;
  return `${availableReplicas} of ${updatedReplicas} new pods have been ready for long enough`;
}

/** The ReplicaSet of what the Deployment asks for now; undefined until the controller has made it. */
export function newReplicaSet({ deployment, replicaSets }: ApiState): ReplicaSet | undefined {
  const revision = toRevision(deployment);
  return replicaSets.find((each) => revision > 0 && toRevision(each) === revision);
}

/** The pods of what the Deployment asks for now. */
export function newPods(state: ApiState): readonly Pod[] {
  const hash = newReplicaSet(state)?.metadata.labels?.[TEMPLATE_HASH];
  return state.pods.filter(({ metadata }) => hash !== undefined && metadata.labels?.[TEMPLATE_HASH] === hash);
}

export function readyNewPods(state: ApiState): readonly Pod[] {
  return newPods(state).filter(isReady);
}
