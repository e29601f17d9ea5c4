import { z } from 'zod';
import { certaintySchema } from './certainty.ts';
import { perEmotion } from './emotion.ts';
import { FAILURE_KIND_NAMES } from './failure.ts';
import { gitShaSchema } from './git-sha.ts';

/** What a person may tune. The defaults are the recipe that docs/model.md measures. */
export const hyperparametersSchema = z.object({
  /** Everything random derives from it: initial weights, order of samples, augmentation, dropout. */
  seed: z.int().nonnegative().default(1),
  epochs: z.int().positive().default(60),
  batchSize: z.int().positive().default(64),
  /** Peak of the learning-rate schedule. */
  learningRate: z.number().positive().default(2e-3),
  weightDecay: z.number().nonnegative().default(1e-4),
  labelSmoothing: z.number().min(0).max(0.5).default(0.1),
  /** Share of the training side that only chooses the best epoch, the temperature and the threshold of certainty. */
  validationRatio: z.number().gt(0).lt(1).default(0.1),
  /** Epochs without a better validation score before training stops. */
  patience: z.int().positive().default(30),
  /** Of the answers that name an expression, the share that shall be right; the others are `uncertain`. At 0, all name one. */
  answerPrecision: z.number().min(0).max(1).default(0.8),
});
export type Hyperparameters = z.infer<typeof hyperparametersSchema>;

/** Drives one run of the `train` program, wherever it runs. */
export const trainingSpecSchema = z.object({
  runName: z.string(),
  gitSha: gitShaSchema,
  splitVersion: z.string(),
  hyperparameters: hyperparametersSchema,
});
export type TrainingSpec = z.infer<typeof trainingSpecSchema>;

/** One finished epoch: a line of metrics.jsonl. */
export const epochMetricsSchema = z.object({
  /** Counts from 1. */
  epoch: z.int().positive(),
  epochs: z.int().positive(),
  loss: z.number(),
  accuracy: z.number(),
  validationLoss: z.number(),
  validationAccuracy: z.number(),
  learningRate: z.number(),
  seconds: z.number(),
  imagesPerSecond: z.number(),
  /** Share of the time of training, without validation, that steps waited for their batches. Absent from older runs, as the next one. */
  dataWait: z.number().optional(),
  /** How many tensors there are at the end of the epoch. */
  tensors: z.int().optional(),
});
export type EpochMetrics = z.infer<typeof epochMetricsSchema>;

/** What the `train` program says while it works, one JSON object a line on its standard output. */
export const trainingEventSchema = z.discriminatedUnion('type', [
  /** Said by the compute, not by the program: what it waits for before the program runs. */
  z.object({ type: z.literal('waiting'), message: z.string() }),
  z.object({ type: z.literal('reading'), samples: z.int(), ofSamples: z.int() }),
  z.object({ type: z.literal('started'), samples: z.int(), validationSamples: z.int(), resumedFromEpoch: z.int() }),
  z.object({ type: z.literal('batch'), epoch: z.int(), epochs: z.int(), batch: z.int(), batches: z.int(), loss: z.number() }),
  z.object({ type: z.literal('epoch'), metrics: epochMetricsSchema }),
  z.object({ type: z.literal('checkpoint'), epoch: z.int(), bytes: z.int() }),
  z.object({ type: z.literal('log'), message: z.string() }),
  /** Last line of a program that gives up for a known reason; anything else that ends it counts as an interruption. */
  z.object({ type: z.literal('failed'), kind: z.enum(FAILURE_KIND_NAMES), message: z.string() }),
]);
export type TrainingEvent = z.infer<typeof trainingEventSchema>;

/** A line of events.jsonl. */
export const diaryEntrySchema = z.object({ at: z.iso.datetime(), event: trainingEventSchema });
export type DiaryEntry = z.infer<typeof diaryEntrySchema>;

export const storedFileSchema = z.object({
  name: z.string(),
  /** sha256 of the content. */
  digest: z.string(),
  bytes: z.int().nonnegative(),
});
export type StoredFile = z.infer<typeof storedFileSchema>;

/** What the `train` program leaves behind when it succeeds: `training/result.json` of the run. */
export const trainingResultSchema = z.object({
  spec: trainingSpecSchema,
  epochs: z.int().positive(),
  bestEpoch: z.int().positive(),
  bestValidationAccuracy: z.number(),
  stoppedEarly: z.boolean(),
  resumedFromEpoch: z.int().nonnegative(),
  samples: z.object({ train: perEmotion(z.int()), validation: perEmotion(z.int()) }),
  parameters: z.int().positive(),
  seconds: z.number(),
  imagesPerSecond: z.number(),
  /** Largest difference of a probability between the trained network and its ONNX export, on real images. */
  parity: z.object({ images: z.int().positive(), largestDifference: z.number() }),
  /**
   * The temperature by which the last layer was divided once training was over, the validation images that it was fitted on, and
   * their mean cross-entropy before and after. Null in results of before there was one.
   */
  calibration: z
    .object({ temperature: z.number().positive(), images: z.int().nonnegative(), lossBefore: z.number(), loss: z.number() })
    .nullable()
    .default(null),
  /** Null in results of before a threshold was chosen: an expression is always named. */
  certainty: certaintySchema.nullable().default(null),
  libraries: z.record(z.string(), z.string()),
  /** The model's files, in the run's `candidate/` folder. */
  files: z.array(storedFileSchema),
});
export type TrainingResult = z.infer<typeof trainingResultSchema>;

/** An export that differs by more than this is not the network that was trained. */
export const LARGEST_PARITY_DIFFERENCE = 1e-4;
