import type { BeforeRollout, ClusterObject } from '../../domain/rollout.ts';
import { findApiState, readApiState } from './api-state.ts';
import type { GoldenQuestions } from './ask-golden.ts';
import { askGolden } from './ask-golden.ts';
import type { Cluster } from './cluster.ts';
import { explainPods } from './explain-pods.ts';
import type { LeaseHolder, LeasePace } from './acquire-lease.ts';
import type { HeldLease } from './lease.ts';
import { holdLease } from './lease.ts';
import { createResources, toObjectName } from './resources.ts';
import { isAutoscaled, toExisting, toRestorable, withoutReplicas } from './restorable.ts';
import { toRolloutProgress } from './rollout-progress.ts';
import { takeSnapshot, toRunOf, wouldChange } from './snapshot.ts';
import { untilAnswered } from './until-answered.ts';
import type { WaitPace } from './wait-for-rollout.ts';
import { WAIT_PACE, waitForRollout } from './wait-for-rollout.ts';

export interface ClusterRolloutOptions {
  /** For the pods to come up, and once more for those before to come back. */
  readonly deadlineMs: number;
  readonly pace?: Partial<LeasePace & WaitPace & { readonly settleMs: number }>;
}

/** What every step is given: when to stop, and whom to tell. */
export interface Watch {
  readonly signal: AbortSignal;
  readonly onProgress: (note: string) => void;
}

export type ClusterRollout = ReturnType<typeof createClusterRollout>;

/** Whoever waits for a turn waits for a rollout that fails, and for what it restores, with room to spare. */
const TURNS = 3;
const SETTLE_MS = 15_000;

/**
 * The steps of a rollout in a cluster, each of which can be repeated. Wherever one waits, an API server that is away is
 * waited for up to the deadline; then, and in general, they fail as {@link Cluster.ask} does.
 */
export function createClusterRollout(cluster: Cluster, { deadlineMs, pace = {} }: ClusterRolloutOptions) {
  const resources = createResources(cluster);
  const { pollMs } = { ...WAIT_PACE, ...pace };
  const settleMs = pace.settleMs ?? SETTLE_MS;

  function patiently<T>(watch: Watch, work: () => Promise<T>): Promise<T> {
    return untilAnswered(work, { ...watch, deadlineMs, pollMs });
  }

  function waitUntilUp(watch: Watch) {
    return waitForRollout(cluster, { ...watch, deadlineMs, pace });
  }

  return {
    /** Lets one rollout happen at a time. See {@link holdLease}. */
    takeTurn<T>(holder: LeaseHolder, { signal, onProgress }: Watch, work: (turn: HeldLease) => Promise<T>): Promise<T> {
      return holdLease(cluster, holder, { signal, limitMs: TURNS * deadlineMs, onWait: onProgress, pace }, work);
    },

    /** Each of the objects as it is in the cluster now. */
    readLive(objects: readonly ClusterObject[], watch: Watch): Promise<BeforeRollout> {
      return patiently(watch, () => takeSnapshot(resources, objects, watch));
    },

    /**
     * Whether all is as the objects say, and up. Nothing is changed by asking.
     *
     * @throws Failure `configuration-invalid` when the cluster would refuse one of them
     */
    async isThere(objects: readonly ClusterObject[], live: BeforeRollout, watch: Watch): Promise<boolean> {
      return patiently(watch, async () => {
        if (await wouldChange(resources, toApplicable(objects, live), live, watch)) return false;
        const state = await findApiState(cluster, watch);
        return state !== null && toRolloutProgress(state).phase === 'complete';
      });
    },

    /** Makes the objects what they should be. */
    apply(objects: readonly ClusterObject[], live: BeforeRollout, turn: HeldLease, watch: Watch): Promise<void> {
      return patiently(watch, async () => {
        await turn.confirm();
        for (const object of toApplicable(objects, live)) {
          watch.onProgress(`applies ${object.kind} ${object.metadata.name}`);
          await resources.apply(object, watch);
        }
      });
    },

    /** Waits for the pods. @throws Failure `rollout-failed` when they don't come up */
    async waitUntilUp(watch: Watch): Promise<{ readonly replicas: number }> {
      const { deployment } = await waitUntilUp(watch);
      return { replicas: deployment.status?.availableReplicas ?? 0 };
    },

    /** How many pods are up. */
    async countPods(watch: Watch): Promise<number> {
      const { deployment } = await patiently(watch, () => readApiState(cluster, watch));
      return deployment.status?.availableReplicas ?? 0;
    },

    /** @throws Failure `rollout-failed` when pods or service answer otherwise than they should */
    askGolden(questions: GoldenQuestions, watch: Watch): Promise<void> {
      return patiently(watch, () => askGolden(cluster, questions, { ...watch, settleMs, pollMs }));
    },

    /** What the new pods say about themselves, over several lines; empty when that can't be known. */
    explain({ signal }: Watch): Promise<string> {
      return explainPods(cluster, signal);
    },

    /**
     * Makes the objects what they were before, removes what the run has added, and waits for the pods of before.
     *
     * @throws Failure `rollout-failed` when those don't come up
     */
    async restore(before: BeforeRollout, runName: string, turn: HeldLease, watch: Watch): Promise<void> {
      await patiently(watch, async () => {
        await turn.confirm();
        const now = await takeSnapshot(resources, toObjects(before), watch);
        for (const object of toApplicable(toExisting(before).map(toRestorable), now)) await resources.apply(object, watch);
        const added = now.filter(({ was }, index) => before[index]?.was === null && was !== null && toRunOf(was) === runName);
        for (const object of added.toReversed()) await resources.remove(object, watch);
      });
      const hadPods = before.some(({ kind, was }) => kind === 'Deployment' && was !== null);
      if (hadPods) await waitUntilUp(watch);
    },
  };
}

/** With the number of pods left to the autoscaler, where there is one among them. */
function toApplicable(objects: readonly ClusterObject[], live: BeforeRollout): ClusterObject[] {
  const autoscaled = isAutoscaled(objects);
  return objects.map((object) => {
    if (!autoscaled || object.kind !== 'Deployment') return object;
    const named = toObjectName(object);
    return withoutReplicas(object, live.find(({ kind, name }) => kind === named.kind && name === named.name)?.was ?? null);
  });
}

function toObjects(before: BeforeRollout): ClusterObject[] {
  return before.map(({ apiVersion, kind, name }) => ({ apiVersion, kind, metadata: { name } }));
}
