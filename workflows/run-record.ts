import { isCancellation, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { PipelineInput, PipelineStep, RunState, StepState } from '../domain/pipeline.ts';
import { toInitialState } from '../domain/pipeline.ts';
import { SEARCH_ATTRIBUTES } from './contract.ts';
import { toDetails } from './run-details.ts';
import { toRootMessage } from './root-message.ts';

/** What a step hands back: the value that later steps use, and the line that people read. */
export interface StepOutcome<T> {
  readonly value: T;
  readonly note: string;
  /** The run whose output this is, when the work was not done again. */
  readonly cachedFrom?: string | null | undefined;
}

export type RunFindings = Partial<
  Pick<
    RunState,
    | 'outcome'
    | 'inventory'
    | 'datasetVersion'
    | 'splitVersion'
    | 'candidates'
    | 'candidate'
    | 'accuracy'
    | 'gate'
    | 'report'
    | 'model'
    | 'images'
    | 'approval'
    | 'release'
  >
>;

/**
 * The one mutable thing in a run: which step is where, and what has been found so far. Every change is shown at once in
 * the run's current details and search attributes.
 */
export interface RunRecord {
  /** Does the work of one step, and writes down its beginning, its end, and how it ended. */
  step<T>(step: PipelineStep, work: () => Promise<StepOutcome<T>>): Promise<T>;
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

  const now = () => new Date().toISOString();
  show({});

  return {
    async step(step, work) {
      setStep(step, { status: 'running', startedAt: now() });
      upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.step, value: step }]);
      try {
        const { value, note, cachedFrom = null } = await work();
        setStep(step, { status: 'succeeded', endedAt: now(), note: cachedFrom === null ? note : `as in run ${cachedFrom}: ${note}`, cachedFrom });
        return value;
      } catch (error) {
        const cancelled = isCancellation(error);
        const note = cancelled ? 'Cancelled.' : toRootMessage(error);
        setStep(step, { status: cancelled ? 'cancelled' : 'failed', endedAt: now(), note });
        throw error;
      }
    },
    skip(step, why) {
      setStep(step, { status: 'skipped', note: why });
    },
    progress(step, note) {
      const isRunning = state.steps.some((each) => each.step === step && each.status === 'running');
      if (isRunning) setStep(step, { note });
    },
    found(findings) {
      show(findings);
      const { outcome, accuracy, model } = findings;
      const attributes = [
        ...(outcome ? [{ key: SEARCH_ATTRIBUTES.outcome, value: outcome }] : []),
        ...(typeof accuracy === 'number' ? [{ key: SEARCH_ATTRIBUTES.accuracy, value: accuracy }] : []),
        ...(model ? [{ key: SEARCH_ATTRIBUTES.modelVersion, value: model.version }] : []),
      ];
      // The server refuses an update of nothing.
      if (attributes.length > 0) upsertSearchAttributes(attributes);
    },
    state: () => state,
  };
}
