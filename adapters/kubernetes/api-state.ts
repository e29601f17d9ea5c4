import { Failure } from '../../domain/failure.ts';
import type { Cluster } from './cluster.ts';
import { orNull } from './cluster.ts';
import { API } from './names.ts';
import type { Deployment, Pod, ReplicaSet } from './objects.ts';
import { toRevision, toSelector } from './objects.ts';
import type { Asking } from './resources.ts';

/** The API's Deployment with all that belongs to it, as the cluster sees it now. */
export interface ApiState {
  readonly deployment: Deployment;
  /** Newest revision first. */
  readonly replicaSets: readonly ReplicaSet[];
  /** Of every revision, oldest first. */
  readonly pods: readonly Pod[];
}

/** Null when the API is not in the cluster. */
export async function findApiState(cluster: Cluster, { signal }: Asking = {}): Promise<ApiState | null> {
  const root = `/apis/apps/v1/namespaces/${cluster.namespace}`;
  const deployment = await orNull(cluster.ask<Deployment>({ path: `${root}/deployments/${API.deployment}`, what: `Deployment ${API.deployment}`, signal }));
  if (deployment === null) return null;
  const query = { labelSelector: toSelector(deployment.spec.selector.matchLabels) };
  const [replicaSets, pods] = await Promise.all([
    cluster.ask<{ items: ReplicaSet[] }>({ path: `${root}/replicasets`, query, what: 'ReplicaSets of the API', signal }),
    cluster.ask<{ items: Pod[] }>({ path: `/api/v1/namespaces/${cluster.namespace}/pods`, query, what: 'pods of the API', signal }),
  ]);
  return {
    deployment,
    replicaSets: replicaSets.items
      .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === deployment.metadata.uid) === true)
      .toSorted((one, other) => toRevision(other) - toRevision(one)),
    pods: pods.items.toSorted((one, other) => one.metadata.creationTimestamp.localeCompare(other.metadata.creationTimestamp)),
  };
}

/** @throws Failure `not-found` when the API is not in the cluster */
export async function readApiState(cluster: Cluster, options: Asking = {}): Promise<ApiState> {
  const state = await findApiState(cluster, options);
  if (state !== null) return state;
  throw new Failure('not-found', `There is no Deployment ${API.deployment} in namespace ${cluster.namespace} of the cluster: nothing was rolled out there yet.`);
}
