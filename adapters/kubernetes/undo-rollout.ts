import { randomUUID } from 'node:crypto';
import { Failure } from '../../domain/failure.ts';
import type { ClusterObject } from '../../domain/rollout.ts';
import { ROLLOUT_MARKS } from '../../domain/rollout.ts';
import type { ApiState } from './api-state.ts';
import { readApiState } from './api-state.ts';
import type { Cluster } from './cluster.ts';
import type { LeasePace } from './acquire-lease.ts';
import { holdLease } from './lease.ts';
import type { ReplicaSet } from './objects.ts';
import { TEMPLATE_HASH, toRevision } from './objects.ts';
import type { ReleaseMarks } from './release-marks.ts';
import { toReleaseMarks } from './release-marks.ts';
import { createResources } from './resources.ts';
import { toRestorable } from './restorable.ts';
import type { WaitPace } from './wait-for-rollout.ts';
import { waitForRollout } from './wait-for-rollout.ts';

export interface UndoOptions {
  /** The one before the current when not given. */
  readonly revision?: number;
  readonly signal: AbortSignal;
  /** For what is gone back to to come up. */
  readonly deadlineMs: number;
  readonly onProgress: (note: string) => void;
  readonly pace?: Partial<LeasePace & WaitPace>;
}

export interface UndoneRollout {
  readonly from: ReleaseMarks;
  readonly to: ReleaseMarks;
  readonly revision: number;
}

/**
 * Lets the pods of an earlier revision run again, as `kubectl rollout undo` does, and waits for them. Nobody else rolls out
 * meanwhile. When they do not come up, they are left for people to look at.
 *
 * @throws Failure `not-found` when there is no such revision; `rollout-failed` when it does not come up
 */
export async function undoRollout(cluster: Cluster, { revision, signal, deadlineMs, onProgress, pace = {} }: UndoOptions): Promise<UndoneRollout> {
  const lease = { signal, limitMs: deadlineMs, onWait: onProgress, pace };
  return holdLease(cluster, { name: `undo-${randomUUID()}`, gitSha: null }, lease, async ({ lost, confirm }) => {
    const state = await readApiState(cluster, { signal });
    const target = findRevision(state, revision);
    await confirm();
    await createResources(cluster).apply(toUndone(state, target), { signal });
    await waitForRollout(cluster, { signal: AbortSignal.any([signal, lost]), deadlineMs, onProgress, pace });
    return { from: toReleaseMarks(state.deployment.spec.template), to: toReleaseMarks(target.spec.template), revision: toRevision(target) };
  });
}

function findRevision({ deployment, replicaSets }: ApiState, revision: number | undefined): ReplicaSet {
  const earlier = replicaSets.filter((each) => toRevision(each) > 0 && toRevision(each) !== toRevision(deployment));
  const found = revision === undefined ? earlier[0] : earlier.find((each) => toRevision(each) === revision);
  if (found !== undefined) return found;
  if (earlier.length === 0) throw new Failure('not-found', 'There is no earlier revision of the API in the cluster to go back to.');
  const known = earlier.map(toRevision).join(', ');
  throw new Failure('not-found', `There is no revision ${revision} to go back to; there is: ${known}.`);
}

/** The Deployment with the earlier template, marked with what that came from and with no run: it is a person's doing. */
function toUndone({ deployment }: ApiState, { spec }: ReplicaSet): ClusterObject {
  const live = toRestorable(deployment);
  const { [TEMPLATE_HASH]: _hash, ...labels } = spec.template.metadata?.labels ?? {};
  const template = { ...spec.template, metadata: { ...spec.template.metadata, labels } };
  return {
    ...live,
    metadata: {
      ...live.metadata,
      labels: { ...withoutMarks(live.metadata.labels), ...onlyMarks(template.metadata.labels) },
      annotations: { ...withoutMarks(live.metadata.annotations), ...onlyMarks(template.metadata.annotations) },
    },
    spec: { ...deployment.spec, template },
  };
}

const MARKS: ReadonlySet<string> = new Set(Object.values(ROLLOUT_MARKS));

function onlyMarks(values: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => MARKS.has(name)));
}

function withoutMarks(values: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !MARKS.has(name)));
}
