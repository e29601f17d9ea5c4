import { z } from 'zod';
import { MOST_CANDIDATES } from './candidates.ts';
import { COMPUTE_KINDS } from './compute.ts';
import { DEPLOY_MODES } from './deployment.ts';
import { gitShaSchema } from './git-sha.ts';
import { findingFields } from './run-findings.ts';
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

/** What an earlier run made that this one begins with, so that nothing is done again. */
const reuseSchema = z.object({
  runName: z.string(),
  gitSha: gitShaSchema,
  /** The first step that is done; what the ones before it made is taken over. */
  from: z.enum(PIPELINE_STEPS),
  ...findingFields,
});
export type Reuse = z.infer<typeof reuseSchema>;

/** What a run is asked to do. Every switch that is off leaves the newest existing output of its steps in place. */
export const pipelineInputSchema = z.object({
  gitSha: gitShaSchema,
  /** Ingest and resize the raw images. */
  process: z.boolean().default(true),
  /** Take each raw photo's one face instead of the whole of it; data sets with and without are kept apart. */
  cropFaces: z.boolean().default(false),
  /** Split the processed images into a training and a test side. */
  split: z.boolean().default(true),
  /** Share of images kept for testing. */
  splitRatio: z.number().gt(0).lt(1).default(0.2),
  /** Digest of a list of raw images to leave out of the training side; null: none. */
  exclusions: z.string().regex(/^[0-9a-f]{64}$/).nullable().default(null),
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
