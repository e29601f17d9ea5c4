import type Router from '@koa/router';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { ImageLimits } from '../../domain/image-transform.ts';
import type { AnswerImage } from '../answer-image.ts';
import type { BatchAnswer, PredictionAnswer, PredictQuery } from '../answers.ts';
import { MOST_IMAGES, predictQuerySchema } from '../answers.ts';
import type { ServedModel } from '../load-model.ts';
import { readScenery } from '../place.ts';
import { limitInFlight } from '../middleware/limit-in-flight.ts';
import { chargeImages } from '../middleware/limit-rate.ts';
import type { ModelSource } from '../model-source.ts';
import type { Slots } from '../slots.ts';
import { toProblem } from '../problem.ts';
import { createImageReader } from '../upload.ts';
import type { VenueDirectory } from '../venue-directory.ts';

export interface PredictDependencies {
  readonly models: ModelSource;
  readonly answerImage: AnswerImage;
  readonly imageLimits: ImageLimits;
  readonly slots: Slots;
  readonly venues: Pick<VenueDirectory, 'find'>;
}

/** A batch takes as much memory as so many of the largest images, and so many slots. */
export const BATCH_IN_IMAGES = 4;

export function addPredictRoutes(router: Router, { models, answerImage, imageLimits, slots, venues }: PredictDependencies): void {
  const { maxBytes } = imageLimits;
  const readImage = createImageReader({ maxBytes });
  const readImages = createImageReader({ maxBytes, maxTotalBytes: BATCH_IN_IMAGES * maxBytes, maxImages: MOST_IMAGES });

  router.post('/predict', limitInFlight(slots), async (ctx) => {
    ctx.body = await models.use(async (model): Promise<PredictionAnswer> => {
      ctx.state['modelVersion'] = model.manifest.version;
      const query = readQuery(ctx.query);
      const [bytes] = await readImage(ctx);
      return { ...(await answerImage(bytes, query, model, readScenery(ctx, query, venues))), model: toWho(model) };
    });
    ctx.set('Cache-Control', 'no-store');
  });

  router.post('/predict/batch', limitInFlight(slots, BATCH_IN_IMAGES), async (ctx) => {
    ctx.body = await models.use(async (model): Promise<BatchAnswer> => {
      ctx.state['modelVersion'] = model.manifest.version;
      const query = readQuery(ctx.query);
      const images = await readImages(ctx);
      chargeImages(ctx, images.length);
      const scenery = readScenery(ctx, query, venues);
      const predictions: BatchAnswer['predictions'] = [];
      // One after the other: each fills the processors by itself, and whoever sends a single image waits for one at most.
      for (const bytes of images) predictions.push(await answerImage(bytes, query, model, scenery).then(toAnswered, toFailed));
      return { model: toWho(model), predictions };
    });
    ctx.set('Cache-Control', 'no-store');
  });
}

/** Who answers: what a caller needs to know of it. */
function toWho({ manifest: { name, version, gitSha, accuracy } }: ServedModel): PredictionAnswer['model'] {
  return { name, version, gitSha, accuracy };
}

function toAnswered(scene: Omit<PredictionAnswer, 'model'>): BatchAnswer['predictions'][number] {
  return { status: 'answered', ...scene };
}

/** An image that can't be read is its own matter; whatever else goes wrong is the whole request's. */
function toFailed(error: unknown): BatchAnswer['predictions'][number] {
  if (!isFailure(error) || !error.kind.startsWith('image-')) throw error;
  const { requestId: _requestId, ...problem } = toProblem(error, '');
  return { status: 'failed', problem };
}

function readQuery(query: unknown): PredictQuery {
  const parsed = predictQuerySchema.safeParse(query);
  if (parsed.success) return parsed.data;
  const choices = Object.entries(predictQuerySchema.shape).map(([name, schema]) => `${name} is one of ${schema.unwrap().options.join(', ')}`);
  throw new Failure('input-invalid', `The address asks for something that there is not: ${choices.join('; ')}.`);
}
