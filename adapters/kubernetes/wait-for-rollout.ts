import { Failure, isFailure } from '../../domain/failure.ts';
import type { ApiState } from './api-state.ts';
import { readApiState } from './api-state.ts';
import type { Cluster } from './cluster.ts';
import { AWAY, pause } from './pause.ts';
import type { RolloutProgress } from './rollout-progress.ts';
import { toRolloutProgress } from './rollout-progress.ts';

export interface WaitOptions {
  readonly signal: AbortSignal;
  /** From now; also the time for which an API server that is away is waited for. */
  readonly deadlineMs: number;
  /** Told at every look. */
  readonly onProgress: (note: string) => void;
  readonly pace?: Partial<WaitPace>;
}

export interface WaitPace {
  readonly pollMs: number;
  /** A pod that can't start is given this long: registries and stores have hiccups, and kubelet tries again. */
  readonly patienceMs: number;
}

/** Kubelet tries again after 10 and after 20 seconds: two more chances. */
export const WAIT_PACE: WaitPace = { pollMs: 1_000, patienceMs: 35_000 };

/**
 * Waits until what the Deployment asks for runs, and nothing else of it does.
 *
 * @throws Failure `rollout-failed` when it does not come up, with one sentence that says how; `dependency-unavailable` when
 *   the API server is away at the deadline; `access-denied`; `not-found` when the Deployment is gone; the signal's reason
 *   when aborted
 */
export async function waitForRollout(cluster: Cluster, { signal, deadlineMs, onProgress, pace = {} }: WaitOptions): Promise<ApiState> {
  const { pollMs, patienceMs } = { ...WAIT_PACE, ...pace };
  const startedAt = performance.now();
  let stuckSince: number | null = null;
  for (;;) {
    const state = await look();
    const now = performance.now();
    if (state !== null) {
      const progress = toRolloutProgress(state);
      onProgress(progress.note);
      if (progress.phase === 'complete') return state;
      if (progress.phase === 'failed') throw new Failure('rollout-failed', `${capitalise(progress.note)}.`);
      stuckSince = isStuck(progress) ? (stuckSince ?? now) : null;
      if (stuckSince !== null && now - stuckSince >= patienceMs) throw new Failure('rollout-failed', `The new pods can't start (${toObstacle(progress)}).`);
    }
    if (now - startedAt >= deadlineMs) {
      const limit = `${Math.round(deadlineMs / 1000)} s`;
      if (state === null) throw new Failure('dependency-unavailable', `The API server of the cluster did not answer for up to ${limit}, while the rollout was waited for.`);
      throw new Failure('rollout-failed', `The new pods were not up after ${limit}.`);
    }
    await pause(pollMs, signal);
  }

  /** Null while the API server is away: that says nothing about the pods. */
  async function look(): Promise<ApiState | null> {
    try {
      return await readApiState(cluster, { signal });
    } catch (error) {
      if (!isFailure(error, 'dependency-unavailable')) throw error;
      onProgress(AWAY);
      return null;
    }
  }
}

function isStuck({ troubles, noPods }: RolloutProgress): boolean {
  return troubles.length > 0 || noPods !== null;
}

function toObstacle({ troubles, noPods }: RolloutProgress): string {
  return noPods ?? [...new Set(troubles.map(({ reason }) => reason))].join(', ');
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
