import type { BeforeRollout, ClusterObject } from '../../domain/rollout.ts';
import { FIELD_MANAGER } from '../../domain/rollout.ts';
import { API } from './names.ts';

/** Annotations that others keep up to date by themselves. */
const OTHERS_ANNOTATIONS = ['deployment.kubernetes.io/revision', 'kubectl.kubernetes.io/last-applied-configuration', 'autoscaling.alpha.kubernetes.io/conditions'];

/** An object as it can be applied again: what the cluster adds by itself is left out. */
export function toRestorable(was: ClusterObject): ClusterObject {
  const { metadata, ...rest } = was;
  const { name, namespace, labels, annotations = {} } = metadata;
  const kept = Object.fromEntries(Object.entries(annotations).filter(([key]) => !OTHERS_ANNOTATIONS.includes(key)));
  const fields = Object.fromEntries(Object.entries(rest).filter(([key]) => key !== 'status'));
  return { ...fields, metadata: { name, ...(namespace !== undefined && { namespace }), ...(labels && { labels }), annotations: kept } } as ClusterObject;
}

/** Whether an autoscaler among these objects decides how many pods the API has. */
export function isAutoscaled(objects: readonly ClusterObject[]): boolean {
  return objects.some(({ kind, spec }) => {
    const target = (spec as { scaleTargetRef?: { kind?: string; name?: string } } | undefined)?.scaleTargetRef;
    return kind === 'HorizontalPodAutoscaler' && target?.kind === 'Deployment' && target.name === API.deployment;
  });
}

/**
 * Leaves the number of pods to the autoscaler. Where the number has been ours so far, it is kept as it is now: a number that
 * its last owner lets go of falls back to one.
 */
export function withoutReplicas(deployment: ClusterObject, live: ClusterObject | null): ClusterObject {
  const { replicas: _given, ...spec } = deployment['spec'] as Record<string, unknown>;
  const now = (live?.['spec'] as { replicas?: number } | undefined)?.replicas;
  return live !== null && ownsReplicas(live) ? { ...deployment, spec: { ...spec, replicas: now } } : { ...deployment, spec };
}

function ownsReplicas({ metadata }: ClusterObject): boolean {
  const managers = (metadata['managedFields'] ?? []) as readonly { manager?: string; operation?: string; fieldsV1?: { 'f:spec'?: Record<string, unknown> } }[];
  return managers.some(({ manager, operation, fieldsV1 }) => manager === FIELD_MANAGER && operation === 'Apply' && fieldsV1?.['f:spec']?.['f:replicas'] !== undefined);
}

/** The objects of a snapshot that existed. */
export function toExisting(before: BeforeRollout): ClusterObject[] {
  return before.flatMap(({ was }) => was ?? []);
}
