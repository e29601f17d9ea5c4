import { isCancellation, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { PipelineInput, PipelineStep } from '../domain/pipeline.ts';
import type { RunState, StepState } from '../domain/run-state.ts';
import { PIPELINE_STEPS } from '../domain/pipeline.ts';
import { toInitialState } from '../domain/run-state.ts';
import { isAfter } from '../domain/retry.ts';
import { SEARCH_ATTRIBUTES } from './contract.ts';
import { toDetails } from './run-details.ts';
import { toRootMessage } from './root-message.ts';

/** What a run finds out on its way; later steps go by it. */
export type RunFindings = Partial<Omit<RunState, 'runName' | 'gitSha' | 'input' | 'steps'>>;

/** What a step hands back: what it has found, and the line that people read. */
export interface StepOutcome {
  readonly findings?: RunFindings;
  readonly note: string;
  /** The run whose output this is, when the work was not done again. */
  readonly cachedFrom?: string | null | undefined;
}

/**
 * The one mutable thing in a run: which step is where, and what has been found so far. Every change is shown at once in
 * the run's current details and search attributes.
 */
export interface RunRecord {
  /**
   * Does the work of one step, and writes down its beginning, its end, how it ended, and what it has found. Does nothing for
   * a step whose output was taken over from an earlier run.
   */
  step(step: PipelineStep, work: () => Promise<StepOutcome>): Promise<void>;
  skip(step: PipelineStep, why: string): void;
  /** Replaces the note of a step that is running; ignored for one that is not (a late message). */
  progress(step: PipelineStep, note: string): void;
  found(findings: RunFindings): void;
  state(): RunState;
}

export function createRunRecord(runName: string, input: PipelineInput): RunRecord {
  let state = toInitialState(runName, input);

  function show(change: Partial<RunState>): void {
    state = { ...state, ...change };
    setCurrentDetails(toDetails(state));
  }

  function setStep(step: PipelineStep, change: Partial<StepState>): void {
    show({ steps: state.steps.map((each) => (each.step === step ? { ...each, ...change } : each)) });
  }

  function found(findings: RunFindings): void {
    show(findings);
    const { outcome, accuracy, model } = findings;
    const attributes = [
      ...(outcome ? [{ key: SEARCH_ATTRIBUTES.outcome, value: outcome }] : []),
      ...(typeof accuracy === 'number' ? [{ key: SEARCH_ATTRIBUTES.accuracy, value: accuracy }] : []),
      ...(model ? [{ key: SEARCH_ATTRIBUTES.modelVersion, value: model.version }] : []),
    ];
    // The server refuses an update of nothing.
    if (attributes.length > 0) upsertSearchAttributes(attributes);
  }

  function takeOver(): void {
    // Runs of before there were retries have none.
    const reuse = input.reuse as PipelineInput['reuse'] | undefined;
    if (reuse == null) return;
    const { runName: former, gitSha: _commit, from, ...findings } = reuse;
    for (const step of PIPELINE_STEPS) {
      if (isAfter(from, step)) setStep(step, { status: 'skipped', note: `Taken over from run ${former}.`, cachedFrom: former });
    }
    found(findings);
  }

  const now = () => new Date().toISOString();
  const isTakenOver = (step: PipelineStep) => input.reuse != null && isAfter(input.reuse.from, step);
  show({});
  takeOver();

  return {
    async step(step, work) {
      if (isTakenOver(step)) return;
      setStep(step, { status: 'running', startedAt: now() });
      upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.step, value: step }]);
      try {
        const { findings = {}, note, cachedFrom = null } = await work();
        setStep(step, { status: 'succeeded', endedAt: now(), note: cachedFrom === null ? note : `as in run ${cachedFrom}: ${note}`, cachedFrom });
        found(findings);
      } catch (error) {
        const cancelled = isCancellation(error);
        const note = cancelled ? 'Cancelled.' : toRootMessage(error);
        setStep(step, { status: cancelled ? 'cancelled' : 'failed', endedAt: now(), note });
        throw error;
      }
    },
    skip(step, why) {
      if (!isTakenOver(step)) setStep(step, { status: 'skipped', note: why });
    },
    progress(step, note) {
      const isRunning = state.steps.some((each) => each.step === step && each.status === 'running');
      if (isRunning) setStep(step, { note });
    },
    found,
    state: () => state,
  };
}
