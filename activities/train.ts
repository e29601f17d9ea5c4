import { Context } from '@temporalio/activity';
import { toCandidateLabel } from '../domain/candidates.ts';
import { Failure } from '../domain/failure.ts';
import type { PipelineInput } from '../domain/pipeline.ts';
import type { StepInputs } from '../domain/step-memory.ts';
import { toCanonicalJson } from '../domain/step-memory.ts';
import type { TrainingEvent, TrainingResult, TrainingSpec } from '../domain/training.ts';
import type { FormerTrainingDependencies } from './former-training.ts';
import { createFormerTraining } from './former-training.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { TrainSummary } from './train-summary.ts';
import { toTrainSummary } from './train-summary.ts';
import { createTrainingFollower } from './training-follower.ts';

/** Where the `train` program can run. */
export interface TrainingCompute {
  /**
   * Runs the program to its end; a second call for the same run goes on from the last checkpoint.
   *
   * @throws Failure of the program's own kind, or `training-interrupted` when it ended without giving one; the signal's
   *   reason when aborted
   */
  run(spec: TrainingSpec, options: TrainingRunOptions): Promise<void>;
  /** Makes sure that nothing trains this run any more, wherever it was started from. */
  end(spec: TrainingSpec): Promise<void>;
}

export interface TrainingRunOptions {
  readonly onEvent: (event: TrainingEvent) => void;
  readonly signal: AbortSignal;
  /**
   * After an abort: whether another attempt will take the training up where it is. If so, a compute that needs nobody to
   * watch it may leave the program running.
   */
  readonly isWanted: () => boolean;
}

export interface TrainDependencies extends FormerTrainingDependencies {
  readonly computes: Readonly<Record<PipelineInput['compute'], TrainingCompute>>;
  readonly runs: FormerTrainingDependencies['runs'] & {
    saveSpec(spec: TrainingSpec): Promise<void>;
    /** Null until the program has ended well. */
    findResult(runName: string): Promise<TrainingResult | null>;
    /** Files what a training begins with, unless an earlier attempt did. Returns what stands. */
    keepTrainingInputs(runName: string, inputs: StepInputs): Promise<StepInputs>;
    /** Null when no attempt has begun to train. */
    findTrainingInputs(runName: string): Promise<StepInputs | null>;
  };
  /** Tells the workflow how far it is. May be lost. */
  readonly reportProgress: (note: string) => Promise<void>;
}

export interface TrainRequest {
  readonly compute: PipelineInput['compute'];
  readonly spec: TrainingSpec;
  /** False: it is trained anew. Missing in requests of before that was asked. */
  readonly useCache?: boolean;
}

export type TrainActivities = ReturnType<typeof createTrainActivities>;

export function createTrainActivities(dependencies: TrainDependencies) {
  const { computes, runs, reportProgress } = dependencies;
  const formerTraining = createFormerTraining(dependencies);

  return {
    /**
     * Trains a network by the spec, or takes the one that an earlier training gave with the same inputs; its files lie in the
     * run's `candidate/` folder afterwards.
     */
    async trainModel(request: TrainRequest): Promise<TrainSummary> {
      return toTrainSummary((await findOwn(request)) ?? (await adoptOrTrain(request)), request.spec.runName);
    },

    /**
     * Ends what may still train the run: when it was cancelled between two attempts, no attempt was there to end it.
     * Where nothing trains, nothing happens.
     */
    async endTraining({ compute, spec }: TrainRequest): Promise<void> {
      await withHeartbeat(() => computes[compute].end(spec));
    },
  };

  /** What an earlier attempt has got; a training elsewhere also ends well while nobody watches. */
  async function findOwn({ compute, spec }: TrainRequest): Promise<TrainingResult | null> {
    const result = await runs.findResult(spec.runName);
    if (result?.spec.runName === spec.runName) await remember(result, await formerTraining.readInputs(compute, spec));
    return result;
  }

  async function adoptOrTrain(request: TrainRequest): Promise<TrainingResult> {
    const inputs = await withHeartbeat(() => formerTraining.readInputs(request.compute, request.spec));
    return (await adoptFormer(request, inputs)) ?? (await train(request, inputs));
  }

  async function adoptFormer({ spec, useCache = true }: TrainRequest, inputs: StepInputs): Promise<TrainingResult | null> {
    // What an earlier attempt has begun may be going on elsewhere, and would write into what is adopted.
    if (!useCache || (await runs.findTrainingInputs(spec.runName)) !== null) return null;
    return withHeartbeat(() => formerTraining.adopt(inputs, spec.runName));
  }

  async function train({ compute, spec }: TrainRequest, inputs: StepInputs): Promise<TrainingResult> {
    await runs.keepTrainingInputs(spec.runName, inputs);
    await runs.saveSpec(spec);
    await withHeartbeat(async (report, signal) => {
      const follower = createTrainingFollower(toCandidateLabel(spec.runName), report, reportProgress);
      await computes[compute].run(spec, { onEvent: follower.onEvent, signal, isWanted }).finally(follower.end);
    });
    const result = await runs.findResult(spec.runName);
    if (result === null) {
      throw new Failure('training-interrupted', 'The training program ended without writing its result.');
    }
    await remember(result, inputs);
    return result;
  }

  /** Begun by one version of the code and ended by another, it is what neither would have made. */
  async function remember(result: TrainingResult, inputs: StepInputs): Promise<void> {
    const begunWith = await runs.findTrainingInputs(result.spec.runName);
    if (begunWith !== null && toCanonicalJson(begunWith) === toCanonicalJson(inputs)) await formerTraining.remember(inputs, result);
  }
}

/** Only a request to cancel means that nobody wants the training; a worker that shuts down or stalls has successors. */
function isWanted(): boolean {
  return Context.current().cancellationDetails?.cancelRequested !== true;
}
