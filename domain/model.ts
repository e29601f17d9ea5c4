import { z } from 'zod';
import { confidenceSchema } from './confidence.ts';
import { EMOTIONS, emotionSchema, perEmotion } from './emotion.ts';
import { evaluationSchema } from './evaluation.ts';
import { gateDecisionSchema } from './gate.ts';
import { gitShaSchema } from './git-sha.ts';
import { goldenPredictionSchema } from './golden.ts';
import { imageTransformSchema } from './image-transform.ts';
import { robustnessSchema } from './robustness.ts';
import { storedFileSchema, trainingResultSchema } from './training.ts';

/** Labels in the order of the network's outputs. Must be EMOTIONS, or the model is not one that this code can serve. */
export const labelOrderSchema = z.array(emotionSchema).length(EMOTIONS.length).refine(
  (labels) => labels.every((label, index) => label === EMOTIONS[index]),
  `labels must be in the order ${EMOTIONS.join(', ')}`,
);

/** Everything that a person wants to know of a model before trusting it. */
export const modelCardSchema = z.object({
  name: z.string(),
  /** The run that evaluated it, and its commit; who trained it, and by which commit, is said in `training.spec`. */
  runName: z.string(),
  gitSha: gitShaSchema,
  createdAt: z.iso.datetime(),
  labels: labelOrderSchema,
  transform: imageTransformSchema,
  data: z.object({
    datasetVersion: z.string(),
    splitVersion: z.string(),
    testRatio: z.number(),
    counts: z.object({ train: perEmotion(z.int()), validation: perEmotion(z.int()), test: perEmotion(z.int()) }),
  }),
  training: trainingResultSchema.omit({ files: true, samples: true }),
  /** The run that took these measurements, where they are taken over from another one; null where this one did. */
  measuredBy: z.string().nullable().default(null),
  evaluation: evaluationSchema,
  /** Null on cards of before it was measured. */
  confidence: confidenceSchema.nullable().default(null),
  /** Null on cards of before it was measured. */
  robustness: robustnessSchema.nullable().default(null),
  champion: z.object({ version: z.int(), evaluation: evaluationSchema, candidate: evaluationSchema }).nullable(),
  gate: gateDecisionSchema,
  /** Versions of before there were any have none. */
  golden: z.array(goldenPredictionSchema).default([]),
});
export type ModelCard = z.infer<typeof modelCardSchema>;

/** A registered version: written last, and checked whenever the version is loaded. Immutable. */
export const modelManifestSchema = z.object({
  name: z.string(),
  version: z.int().positive(),
  runName: z.string(),
  gitSha: gitShaSchema,
  registeredAt: z.iso.datetime(),
  labels: labelOrderSchema,
  transform: imageTransformSchema,
  accuracy: z.number(),
  accuracyInterval: z.object({ lower: z.number(), upper: z.number() }),
  /** Answers with less confidence are `uncertain`. Versions of before there was a threshold have none, and always name an expression. */
  uncertainBelow: z.number().min(0).max(1).default(0),
  datasetVersion: z.string(),
  files: z.array(storedFileSchema),
});
export type ModelManifest = z.infer<typeof modelManifestSchema>;
