import { z } from 'zod';
import { MOST_CANDIDATES } from './candidates.ts';
import { COMPUTE_KINDS } from './compute.ts';
import { approvalStateSchema } from './approval.ts';
import { builtImageSchema } from './container-image.ts';
import { DEPLOY_MODES } from './deployment.ts';
import { evaluationSchema } from './evaluation.ts';
import { gateDecisionSchema } from './gate.ts';
import { gitShaSchema } from './git-sha.ts';
import { releaseSchema } from './rollout.ts';
import { hyperparametersSchema } from './training.ts';

/** The steps of a run in the order in which they happen. */
export const PIPELINE_STEPS = [
  'ingest',
  'resize',
  'split',
  'train',
  'evaluate',
  'register',
  'build-image',
  'approve',
  'roll-out',
] as const;
export type PipelineStep = (typeof PIPELINE_STEPS)[number];

const registeredModelSchema = z.object({ name: z.string(), version: z.int().positive(), accuracy: z.number() }).readonly();
export type RegisteredModel = z.infer<typeof registeredModelSchema>;

const runReportSchema = z
  .object({
    evaluation: evaluationSchema,
    /** Both on the images that neither has seen; null when there is nothing to compare with. */
    champion: z.object({ version: z.int(), evaluation: evaluationSchema, candidate: evaluationSchema }).nullable(),
  })
  .readonly();
/** How the candidate did on unseen images, and the champion beside it. */
export type RunReport = z.infer<typeof runReportSchema>;

/** What an earlier run made that this one begins with, so that nothing is done again. */
const reuseSchema = z.object({
  runName: z.string(),
  gitSha: gitShaSchema,
  /** The first step that is done; what the ones before it made is taken over. */
  from: z.enum(PIPELINE_STEPS),
  inventory: z.string().nullable(),
  datasetVersion: z.string().nullable(),
  splitVersion: z.string().nullable(),
  candidate: z.string().nullable(),
  accuracy: z.number().nullable(),
  gate: gateDecisionSchema.nullable(),
  report: runReportSchema.nullable(),
  model: registeredModelSchema.nullable(),
  images: z.array(builtImageSchema).readonly(),
  approval: approvalStateSchema.nullable(),
});
export type Reuse = z.infer<typeof reuseSchema>;

/** What a run is asked to do. Every switch that is off leaves the newest existing output of its steps in place. */
export const pipelineInputSchema = z.object({
  gitSha: gitShaSchema,
  /** Ingest and resize the raw images. */
  process: z.boolean().default(true),
  /** Split the processed images into a training and a test side. */
  split: z.boolean().default(true),
  /** Share of images kept for testing. */
  splitRatio: z.number().gt(0).lt(1).default(0.2),
  /** Train, evaluate, and register what passes the gate. */
  train: z.boolean().default(true),
  /** Build the images and roll the API's out. */
  deploy: z.enum(DEPLOY_MODES).default('auto'),
  compute: z.enum(COMPUTE_KINDS).default('local'),
  /** Networks trained side by side, of which the best goes on to the gate. */
  candidates: z.int().min(1).max(MOST_CANDIDATES).default(1),
  hyperparameters: hyperparametersSchema.prefault({}),
  /** A person must say yes before the rollout. */
  approval: z.boolean().default(false),
  /** How long a run waits for that; nobody having decided by then counts as a no. */
  approvalLimitHours: z.number().positive().max(24 * 30).default(72),
  /** A step whose inputs are as in an earlier run takes that run's output. */
  cache: z.boolean().default(true),
  reuse: reuseSchema.nullable().default(null),
});
export type PipelineInput = z.infer<typeof pipelineInputSchema>;

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
    /** Where the list of raw images lies in the `processed` container. */
    inventory: z.string().nullable(),
    datasetVersion: z.string().nullable(),
    splitVersion: z.string().nullable(),
    /** Empty where there is but one. */
    candidates: z.array(candidateStateSchema).readonly(),
    /** The name under which the best network lies in the `runs` container. */
    candidate: z.string().nullable(),
    accuracy: z.number().nullable(),
    gate: gateDecisionSchema.nullable(),
    report: runReportSchema.nullable(),
    model: registeredModelSchema.nullable(),
    images: z.array(builtImageSchema).readonly(),
    /** Null when nobody is asked. */
    approval: approvalStateSchema.nullable(),
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

