import { z } from 'zod';
import { MOST_FACES, TILINGS } from '../adapters/vision/find-faces.ts';
import { perEmotion } from '../domain/emotion.ts';
import { FACE_FLAWS } from '../domain/face-quality.ts';
import { modelCardSchema, modelManifestSchema } from '../domain/model.ts';
import { verdictSchema } from '../domain/prediction.ts';
import { imageProblemSchema } from './problem.ts';

/** What the routes answer: the one source of their types and of openapi.json. */

const probability = z.number().min(0).max(1);

const side = z.int().positive();

const faceSchema = z
  .object({
    box: z
      .object({ x: z.int().nonnegative(), y: z.int().nonnegative(), width: side, height: side })
      .meta({ description: 'Where it is, in pixels of the image as a person sees it; x and y are the upper left corner.' }),
    score: probability.meta({ description: 'How sure the detector is that it is a face.' }),
    emotion: verdictSchema.meta({ description: 'Its likeliest expression; uncertain where that is less likely than the model\'s `uncertainBelow`.' }),
    confidence: probability.meta({ description: 'The probability of the likeliest expression, also where that is not named.' }),
    probabilities: perEmotion(probability),
    quality: z.array(z.enum(FACE_FLAWS)).meta({
      description: 'Why to trust this less; empty for a good face. Small: fewer than 24 pixels high. Blurred: out of focus, or moved. Turned: it looks to the side, as in a three-quarter view or further. Cut-off: it goes on outside the image.',
    }),
  })
  .meta({ id: 'Face', description: 'One face. It has no name and no identity, and two answers can\'t be told to be of the same person.' });

export const predictionAnswerSchema = z
  .object({
    emotion: verdictSchema.nullable().meta({ description: 'The likeliest expression; uncertain where that is less likely than the model\'s `uncertainBelow`; null only where faces were insisted on and none was found.' }),
    confidence: probability.nullable().meta({ description: 'The probability of the likeliest expression, also where that is not named.' }),
    probabilities: perEmotion(probability)
      .nullable()
      .meta({ description: 'Of each expression; they sum to 1. Of several faces the mean, in which a face counts by its score, and half for each word in its quality.' }),
    source: z.enum(['faces', 'whole-image']).meta({ description: 'What was looked at: the faces, or the whole image, cropped to its central square.' }),
    faces: z.array(faceSchema).max(MOST_FACES).meta({ description: 'From left to right; empty where the whole image was looked at.' }),
    leftOut: z.int().nonnegative().meta({ description: 'How many more faces there are that were not looked at, because they are in staff areas of the camera.' }),
    counts: perEmotion(z.int().nonnegative()).meta({ description: 'Faces by the expression that is named for them.' }),
    uncertainFaces: z.int().nonnegative().meta({ description: 'Faces for which none is named: they are in none of the counts.' }),
    image: z
      .object({ width: side, height: side })
      .meta({ description: 'Size in pixels as a person sees the image, its orientation applied.' }),
    model: z
      .object({ name: z.string(), version: z.int().positive(), gitSha: z.string(), accuracy: probability })
      .meta({ description: 'Who answered: the version, the commit it was trained by, and its accuracy on unseen test images.' }),
  })
  .meta({ id: 'Prediction', description: 'Which expressions an image shows.' });
export type PredictionAnswer = z.infer<typeof predictionAnswerSchema>;

/** Of one request to /predict/batch. */
export const MOST_IMAGES = 16;

export const batchAnswerSchema = z
  .object({
    model: predictionAnswerSchema.shape.model,
    predictions: z
      .array(
        z.discriminatedUnion('status', [
          predictionAnswerSchema.omit({ model: true }).extend({ status: z.literal('answered') }),
          z.object({ status: z.literal('failed'), problem: imageProblemSchema }),
        ]),
      )
      .min(1)
      .max(MOST_IMAGES)
      .meta({ description: 'One for each image, in the order in which they were sent.' }),
  })
  .meta({ id: 'PredictionBatch', description: 'Which expressions each of several images shows, all by the same model.' });
export type BatchAnswer = z.infer<typeof batchAnswerSchema>;

/** What a caller may ask for beside the image, as query parameters. */
export const predictQuerySchema = z.object({
  faces: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .meta({ description: 'What to look at. auto: the faces, or the whole image where there are none. always: the faces alone. never: the whole image, as it is right for pictures of one face and nothing else.' }),
  tiles: z
    .enum(TILINGS)
    .default('auto')
    .meta({ description: 'Whether faces are also looked for in parts of the image, closer: that finds faces of 20 pixels in a large frame, and takes several times as long. auto: in frames larger than 1280 x 720 and in crowds.' }),
});
export type PredictQuery = z.infer<typeof predictQuerySchema>;

export const modelAnswerSchema = z
  .object({
    manifest: modelManifestSchema.meta({ id: 'ModelManifest', description: 'The registered version: its files and their digests.' }),
    card: modelCardSchema.meta({ id: 'ModelCard', description: 'How the version was made and how well it does.' }),
    pictures: z
      .object({ curves: z.string().nullable(), confusion: z.string().nullable(), reliability: z.string().nullable() })
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
