import { Context } from '@temporalio/activity';
import { toCandidateLabel } from '../domain/candidates.ts';
import { Failure } from '../domain/failure.ts';
import type { PipelineInput } from '../domain/pipeline.ts';
import type { StepInputs } from '../domain/step-memory.ts';
import { toCanonicalJson } from '../domain/step-memory.ts';
import type { TrainingEvent, TrainingResult, TrainingSpec } from '../domain/training.ts';
import { toPercent } from '../domain/wording.ts';
import type { FormerTrainingDependencies } from './former-training.ts';
import { createFormerTraining } from './former-training.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { TrainSummary } from './train-summary.ts';
import { toTrainSummary } from './train-summary.ts';

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

/** The workflow's history grows by one event a report; who wants to know more often looks at the heartbeats. */
const REPORT_INTERVAL_MS = 30_000;

export function createTrainActivities(dependencies: TrainDependencies) {
  const { computes, runs, reportProgress } = dependencies;
  const formerTraining = createFormerTraining(dependencies);

  return {
    /**
     * Trains a network by the spec, or takes the one that an earlier training gave with the same inputs; its files lie in the
     * run's `candidate/` folder afterwards.
     */
    async trainModel(request: TrainRequest): Promise<TrainSummary> {
      const { runName } = request.spec;
      return toTrainSummary((await findOwn(request)) ?? (await adoptFormer(request)) ?? (await train(request)), runName);
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

  async function adoptFormer({ compute, spec, useCache = true }: TrainRequest): Promise<TrainingResult | null> {
    // What an earlier attempt has begun may be going on elsewhere, and would write into what is adopted.
    if (!useCache || (await runs.findTrainingInputs(spec.runName)) !== null) return null;
    return withHeartbeat(async () => formerTraining.adopt(await formerTraining.readInputs(compute, spec), spec.runName));
  }

  async function train({ compute, spec }: TrainRequest): Promise<TrainingResult> {
    const inputs = await formerTraining.readInputs(compute, spec);
    await runs.keepTrainingInputs(spec.runName, inputs);
    await runs.saveSpec(spec);
    await withHeartbeat(async (report, signal) => {
      const follower = createFollower(toCandidateLabel(spec.runName), report, reportProgress);
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

/**
 * Turns the program's events into heartbeats, which the UI shows on the pending activity, and now and then a report. Both
 * name the candidate where the run has several.
 */
function createFollower(candidate: string | null, report: (details: unknown) => void, reportProgress: TrainDependencies['reportProgress']) {
  const { log } = Context.current();
  let details: Record<string, unknown> = { stage: 'starting' };
  let reportedAt = 0;
  let reporting: Promise<void> = Promise.resolve();
  heartbeat();

  function heartbeat(): void {
    report(candidate === null ? details : { candidate, ...details });
  }

  function tellWorkflow(note: string): void {
    const now = Date.now();
    if (now - reportedAt < REPORT_INTERVAL_MS) return;
    reportedAt = now;
    reporting = reportProgress(candidate === null ? note : `${candidate}: ${note}`).catch((error: unknown) => {
      log.warn('a progress report was lost', { error });
    });
  }

  return {
    onEvent(event: TrainingEvent): void {
      const note = toNote(event);
      details = { ...toDetails(details, event), ...(note === null ? {} : { note }) };
      heartbeat();
      if (event.type === 'log') log.info(event.message);
      if (note !== null) tellWorkflow(note);
    },
    /** Waits for a report that is under way. */
    end: () => reporting,
  };
}

function toDetails(before: Record<string, unknown>, event: TrainingEvent): Record<string, unknown> {
  switch (event.type) {
    case 'waiting':
      return { ...before, stage: 'waiting' };
    case 'reading':
      return { stage: 'reading', samples: event.samples, ofSamples: event.ofSamples };
    case 'started':
      return { stage: 'training', samples: event.samples, resumedFromEpoch: event.resumedFromEpoch };
    case 'batch':
      return { ...before, stage: 'training', epoch: event.epoch, epochs: event.epochs, batch: event.batch, batches: event.batches };
    case 'epoch':
      return { ...before, finished: event.metrics };
    case 'checkpoint':
      return { ...before, checkpointEpoch: event.epoch };
    case 'log':
    case 'failed':
      return before;
  }
}

/** One line for people, or null when the event says nothing that they would miss. */
function toNote(event: TrainingEvent): string | null {
  switch (event.type) {
    case 'waiting':
      return event.message;
    case 'reading':
      return `read ${event.samples} of ${event.ofSamples} samples`;
    case 'started':
      return event.resumedFromEpoch === 0 ? 'training begins' : `goes on after epoch ${event.resumedFromEpoch}`;
    case 'epoch': {
      const { epoch, epochs, loss, validationLoss, validationAccuracy } = event.metrics;
      const validation = `validation ${toPercent(validationAccuracy)} (loss ${validationLoss.toFixed(3)})`;
      return `epoch ${epoch} of ${epochs}, loss ${loss.toFixed(3)}, ${validation}`;
    }
    default:
      return null;
  }
}
