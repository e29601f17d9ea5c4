import { z } from 'zod';
import { gitShaSchema } from './git-sha.ts';
import type { PipelineInput } from './pipeline.ts';
import { PIPELINE_STEPS, pipelineInputSchema } from './pipeline.ts';
import { releaseSchema } from './rollout.ts';
import { findingFields } from './run-findings.ts';
import { hyperparametersSchema } from './training.ts';

const STEP_STATUSES = ['pending', 'running', 'succeeded', 'skipped', 'failed', 'cancelled'] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

const stepStateSchema = z
  .object({
    step: z.enum(PIPELINE_STEPS),
    status: z.enum(STEP_STATUSES),
    /** ISO 8601 in UTC; null before it began. */
    startedAt: z.string().nullable(),
    endedAt: z.string().nullable(),
    /** One line for people: how far it is, what came out, why it was skipped or what went wrong. */
    note: z.string(),
    /** The run whose output this step took over instead of doing the work again; null when it did the work. */
    cachedFrom: z.string().nullable(),
  })
  .readonly();
/** One step of a run as a client sees it. */
export type StepState = z.infer<typeof stepStateSchema>;

/**
 * What a finished run achieved. A candidate turned away by the gate (`rejected`), or a rollout that a person did not let
 * through (`not-approved`), is a result, not a failure.
 */
export const PIPELINE_OUTCOMES = ['registered', 'rejected', 'not-approved', 'completed'] as const;
export type PipelineOutcome = (typeof PIPELINE_OUTCOMES)[number];

const candidateStateSchema = z
  .object({
    /** Under which it is filed in the `runs` container. */
    name: z.string(),
    hyperparameters: hyperparametersSchema,
    /** Of the best epoch, on the validation part of the training data; null before the end. */
    validationAccuracy: z.number().nullable(),
    /** Why it could not be trained. */
    failure: z.string().nullable(),
  })
  .readonly();
/** One of several candidates that has been trained, or is being. */
export type CandidateState = z.infer<typeof candidateStateSchema>;

export const runStateSchema = z
  .object({
    runName: z.string(),
    gitSha: gitShaSchema,
    input: pipelineInputSchema,
    steps: z.array(stepStateSchema).readonly(),
    /** Null until the run has ended well. */
    outcome: z.enum(PIPELINE_OUTCOMES).nullable(),
    ...findingFields,
    /** Empty where there is but one. */
    candidates: z.array(candidateStateSchema).readonly(),
    /** What the run has rolled out. */
    release: releaseSchema.nullable(),
  })
  .readonly();
/** The state of a run at one moment; after its end, also its result. */
export type RunState = z.infer<typeof runStateSchema>;

/** A run that has just begun. */
export function toInitialState(runName: string, input: PipelineInput): RunState {
  return {
    runName,
    gitSha: input.gitSha,
    input,
    steps: PIPELINE_STEPS.map((step) => ({ step, status: 'pending', startedAt: null, endedAt: null, note: '', cachedFrom: null })),
    outcome: null,
    inventory: null,
    datasetVersion: null,
    splitVersion: null,
    candidates: [],
    candidate: null,
    accuracy: null,
    gate: null,
    report: null,
    model: null,
    images: [],
    approval: null,
    release: null,
  };
}

