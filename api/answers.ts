import { z } from 'zod';
import { emotionSchema, perEmotion } from '../domain/emotion.ts';
import { modelCardSchema, modelManifestSchema } from '../domain/model.ts';

/** What the routes answer: the one source of their types and of openapi.json. */

const probability = z.number().min(0).max(1);

export const predictionAnswerSchema = z
  .object({
    emotion: emotionSchema.meta({ description: 'The likeliest expression.' }),
    confidence: probability.meta({ description: 'Its probability.' }),
    probabilities: perEmotion(probability).meta({ description: 'Of each expression; they sum to 1.' }),
    source: z.literal('whole-image').meta({ description: 'What was looked at: the whole image, cropped to its central square.' }),
    image: z
      .object({ width: z.int().positive(), height: z.int().positive() })
      .meta({ description: 'Size in pixels as a person sees the image, its orientation applied.' }),
    model: z
      .object({ name: z.string(), version: z.int().positive(), gitSha: z.string(), accuracy: probability })
      .meta({ description: 'Who answered: the version, the commit it was trained by, and its accuracy on unseen test images.' }),
  })
  .meta({ id: 'Prediction', description: 'Which expression an image shows.' });
export type PredictionAnswer = z.infer<typeof predictionAnswerSchema>;

export const modelAnswerSchema = z
  .object({
    manifest: modelManifestSchema.meta({ id: 'ModelManifest', description: 'The registered version: its files and their digests.' }),
    card: modelCardSchema.meta({ id: 'ModelCard', description: 'How the version was made and how well it does.' }),
    pictures: z
      .object({ curves: z.string().nullable(), confusion: z.string().nullable() })
      .meta({ description: 'Paths of the pictures that the version holds.' }),
  })
  .meta({ id: 'Model', description: 'The model that answers now.' });
export type ModelAnswer = z.infer<typeof modelAnswerSchema>;

export const healthAnswerSchema = z
  .object({ status: z.literal('alive') })
  .meta({ id: 'Health', description: 'The process answers.' });

export const readinessAnswerSchema = z
  .object({ status: z.literal('ready'), model: z.object({ name: z.string(), version: z.int().positive() }) })
  .meta({ id: 'Readiness', description: 'A model is loaded and warmed up.' });
