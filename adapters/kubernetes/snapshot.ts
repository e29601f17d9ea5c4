import { isDeepStrictEqual } from 'node:util';
import type { BeforeRollout, ClusterObject } from '../../domain/rollout.ts';
import { ROLLOUT_MARKS } from '../../domain/rollout.ts';
import type { Asking, Resources } from './resources.ts';
import { toObjectName } from './resources.ts';

/** Each of the objects as it is in the cluster now. */
export async function takeSnapshot(resources: Resources, objects: readonly ClusterObject[], options: Asking): Promise<BeforeRollout> {
  return Promise.all(
    objects.map(async (object) => {
      const named = toObjectName(object);
      return { ...named, was: await resources.find(named, options) };
    }),
  );
}

/**
 * Whether applying the objects would change anything but the name of the run: asked of the cluster itself, which knows its
 * defaults. It also refuses here, before anything is touched, what it would refuse then.
 */
export async function wouldChange(resources: Resources, objects: readonly ClusterObject[], live: BeforeRollout, options: Asking): Promise<boolean> {
  const changes = await Promise.all(
    objects.map(async (object, index) => {
      const was = live[index]?.was ?? null;
      const result = await resources.apply(was === null ? object : withRunOf(object, was), { ...options, dryRun: true });
      return was === null || !isDeepStrictEqual(toComparable(result), toComparable(was));
    }),
  );
  return changes.includes(true);
}

/** The name of the run that made an object what it is; null when it was no run. */
export function toRunOf({ metadata }: ClusterObject): string | null {
  return metadata.annotations?.[ROLLOUT_MARKS.runName] ?? null;
}

function withRunOf(object: ClusterObject, was: ClusterObject): ClusterObject {
  const { [ROLLOUT_MARKS.runName]: inLabel, ...labels } = object.metadata.labels ?? {};
  const { [ROLLOUT_MARKS.runName]: inAnnotation, ...annotations } = object.metadata.annotations ?? {};
  const run = toRunOf(was);
  const mark = run === null ? {} : { [ROLLOUT_MARKS.runName]: run };
  return {
    ...object,
    metadata: { ...object.metadata, labels: { ...labels, ...(inLabel !== undefined && mark) }, annotations: { ...annotations, ...(inAnnotation !== undefined && mark) } },
  };
}

const SERVER_FIELDS = new Set(['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink']);

function toComparable({ metadata, ...rest }: ClusterObject): unknown {
  const kept = Object.fromEntries(Object.entries(metadata).filter(([name]) => !SERVER_FIELDS.has(name)));
  const fields = Object.fromEntries(Object.entries(rest).filter(([name]) => name !== 'status'));
  return { ...fields, metadata: kept };
}
