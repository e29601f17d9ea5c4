import { Context } from '@temporalio/activity';
import { isFailure, Failure } from '../domain/failure.ts';
import type { GoldenPrediction } from '../domain/golden.ts';
import type { BeforeRollout, ClusterObject, Release, RolloutResult } from '../domain/rollout.ts';
import { toWhatRanBefore, withoutOwnChanges } from './before-rollout.ts';
import { withHeartbeat } from './heartbeat.ts';

/** When to stop, and whom to tell how far it is. */
export interface Watch {
  readonly signal: AbortSignal;
  readonly onProgress: (note: string) => void;
}

/** Ours is the only rollout, as long as it is not lost. */
export interface Turn {
  /** Aborted when another worker has taken over. */
  readonly lost: AbortSignal;
  confirm(): Promise<void>;
}

/** The cluster's part. Every step may be repeated, and waits out an API server that is away for a while. */
export interface RollOutCluster {
  takeTurn<T>(holder: { readonly name: string; readonly gitSha: string }, watch: Watch, work: (turn: Turn) => Promise<T>): Promise<T>;
  /** Each of the objects as it is now; null where it does not exist. */
  readLive(objects: readonly ClusterObject[], watch: Watch): Promise<BeforeRollout>;
  /** @throws Failure `configuration-invalid` when the cluster would refuse one of the objects */
  isThere(objects: readonly ClusterObject[], live: BeforeRollout, watch: Watch): Promise<boolean>;
  apply(objects: readonly ClusterObject[], live: BeforeRollout, turn: Turn, watch: Watch): Promise<void>;
  /** @throws Failure `rollout-failed` */
  waitUntilUp(watch: Watch): Promise<{ readonly replicas: number }>;
  countPods(watch: Watch): Promise<number>;
  /** @throws Failure `rollout-failed` */
  askGolden(questions: { readonly modelVersion: number; readonly predictions: readonly GoldenPrediction[] }, watch: Watch): Promise<void>;
  /** What the new pods say about themselves; empty when nothing can be known. */
  explain(watch: Watch): Promise<string>;
  /** Brings back what was before, removes what the run has added, and waits for the pods of before. */
  restore(before: BeforeRollout, runName: string, turn: Turn, watch: Watch): Promise<void>;
}

export interface RollOutDependencies {
  readonly cluster: RollOutCluster;
  /** Empty when the version was registered without any. */
  readonly readGolden: (modelVersion: number) => Promise<readonly GoldenPrediction[]>;
  /** The objects of the release, from the manifests of its own commit. */
  readonly renderRelease: (release: Release, runName: string, signal: AbortSignal) => Promise<readonly ClusterObject[]>;
  readonly runs: {
    saveBeforeRollout(runName: string, before: BeforeRollout): Promise<void>;
    findBeforeRollout(runName: string): Promise<BeforeRollout | null>;
  };
}

export interface RollOutRequest extends Release {
  readonly runName: string;
}

export type RollOutActivities = ReturnType<typeof createRollOutActivities>;

export function createRollOutActivities({ cluster, readGolden, renderRelease, runs }: RollOutDependencies) {
  return {
    /**
     * Brings a release into the cluster, and proves that it answers as it should. What falls short of that is undone: what
     * ran before runs again. A cancelled call undoes what it has done, too. An attempt that is broken off is
     * followed by one that goes on from there.
     *
     * @throws Failure `rollout-failed` with the reasons of the pods; `nothing-to-use` when the version has no golden predictions
     */
    async rollOut({ runName, ...release }: RollOutRequest): Promise<RolloutResult> {
      return withHeartbeat(async (report, signal) => {
        const watch: Watch = { signal, onProgress: (note) => { report({ note }); } };
        const questions = { modelVersion: release.modelVersion, predictions: await requireGolden(release.modelVersion) };
        const objects = await renderRelease(release, runName, signal);

        return cluster.takeTurn({ name: runName, gitSha: release.gitSha }, watch, async (turn) => {
          const live = await cluster.readLive(objects, watch);
          const before = withoutOwnChanges(live, runName, await runs.findBeforeRollout(runName));
          const isThere = await cluster.isThere(objects, live, watch);
          // What an earlier attempt of this run has brought is not proven yet.
          if (isThere && before === live) return confirmThere(questions, watch);

          await runs.saveBeforeRollout(runName, before);
          try {
            const working = { ...watch, signal: AbortSignal.any([signal, turn.lost]) };
            await cluster.apply(objects, live, turn, working);
            const { replicas } = await cluster.waitUntilUp(working);
            await cluster.askGolden(questions, working);
            return { changed: true, replicas, goldenPredictions: questions.predictions.length };
          } catch (error) {
            if (isLeftToNextAttempt(error, turn)) throw error;
            throw await undo({ runName, ...release }, before, error, turn, watch);
          }
        });
      });
    },
  };

  async function requireGolden(modelVersion: number): Promise<readonly GoldenPrediction[]> {
    const predictions = await readGolden(modelVersion);
    if (predictions.length > 0) return predictions;
    throw new Failure(
      'nothing-to-use',
      `Version ${modelVersion} of the model was registered without golden predictions, so that nobody could tell whether its pods answer as they should. Train it again with this version of Barometer.`,
    );
  }

  /** Also what is there already is asked: a run that ends well says that this release answers. */
  async function confirmThere(questions: Parameters<RollOutCluster['askGolden']>[0], watch: Watch): Promise<RolloutResult> {
    try {
      await cluster.askGolden(questions, watch);
    } catch (error) {
      if (!isFailure(error, 'rollout-failed')) throw error;
      throw new Failure('rollout-failed', `The cluster runs this release already, and nothing was changed; but it does not answer as it should. ${error.message}`, { cause: error });
    }
    return { changed: false, replicas: await cluster.countPods(watch), goldenPredictions: questions.predictions.length };
  }

  /** Restores what ran before; returns what the activity has to fail with. */
  async function undo({ runName, ...release }: RollOutRequest, before: BeforeRollout, error: unknown, turn: Turn, { onProgress }: Watch): Promise<unknown> {
    // Not the activity's own signal, which may be what brought us here.
    const watch: Watch = { signal: turn.lost, onProgress: (note) => { onProgress(`restores what ran before: ${note}`); } };
    onProgress('restores what ran before');
    const explanation = isFailure(error, 'rollout-failed') ? await cluster.explain(watch).catch(() => '') : '';
    const problem = toProblem(release, error, explanation);
    try {
      await cluster.restore(before, runName, turn, watch);
    } catch (failed) {
      if (isLeftToNextAttempt(failed, turn)) return failed;
      const why = isFailure(failed) ? failed.message : 'An unexpected error came up.';
      const what = 'RESTORING WHAT RAN BEFORE FAILED TOO, AND THE CLUSTER NEEDS A PERSON NOW: see `barometer rollout status`.';
      return new Failure('rollout-failed', `${problem}\n${what} ${why}`, { cause: failed });
    }
    if (!isFailure(error)) return error;
    return new Failure(error.kind, `${problem}\n${toWhatRanBefore(before)}`, { cause: error.cause ?? error });
  }
}

function toProblem({ gitSha, modelVersion }: Release, error: unknown, explanation: string): string {
  const reason = isFailure(error) ? error.message : 'It was cancelled, or an unexpected error came up.';
  const problem = `The rollout of commit ${gitSha} with version ${modelVersion} of the model failed. ${reason}`;
  return explanation === '' ? problem : `${problem}\n${explanation}`;
}

/** An attempt that only could not go on, or was told to leave off, leaves what it did to the next, which finds it. */
function isLeftToNextAttempt(error: unknown, turn: Turn): boolean {
  if (turn.lost.aborted) return true;
  if (isFailure(error)) return error.retryable;
  const details = Context.current().cancellationDetails;
  return details !== undefined && (details.workerShutdown || details.paused || details.reset);
}
