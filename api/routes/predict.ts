import type Router from '@koa/router';
import type { ApiMetrics } from '../../adapters/telemetry/api-metrics.ts';
import type { FaceDetector } from '../../domain/face.ts';
import { Failure } from '../../domain/failure.ts';
import type { ImageLimits } from '../../domain/image-transform.ts';
import type { PredictionAnswer, PredictQuery } from '../answers.ts';
import { predictQuerySchema } from '../answers.ts';
import { limitInFlight } from '../middleware/limit-in-flight.ts';
import type { ModelSource } from '../model-source.ts';
import { readScene } from '../read-scene.ts';
import { createImageReader } from '../upload.ts';

export interface PredictDependencies {
  readonly models: ModelSource;
  readonly detector: FaceDetector;
  readonly imageLimits: ImageLimits;
  readonly metrics: ApiMetrics;
}

/** Bounds the memory that uploads can take to this many times the largest image. */
const MAX_IN_FLIGHT = 64;

export function addPredictRoute(router: Router, { models, detector, imageLimits, metrics }: PredictDependencies): void {
  const readImage = createImageReader(imageLimits);

  router.post('/predict', limitInFlight(MAX_IN_FLIGHT), async (ctx) => {
    ctx.body = await models.use(async ({ manifest, classifier }): Promise<PredictionAnswer> => {
      const { name, version, gitSha, accuracy } = manifest;
      ctx.state['modelVersion'] = version;
      const query = readQuery(ctx.query);
      const bytes = await readImage(ctx);
      const { scene, seconds } = await readScene(bytes, query, { detector, classifier, imageLimits });
      metrics.predicted(scene.emotion, scene.faces.map(({ emotion }) => emotion), seconds);
      return { ...scene, model: { name, version, gitSha, accuracy } };
    });
    ctx.set('Cache-Control', 'no-store');
  });
}

function readQuery(query: unknown): PredictQuery {
  const parsed = predictQuerySchema.safeParse(query);
  if (parsed.success) return parsed.data;
  const choices = Object.entries(predictQuerySchema.shape).map(([name, schema]) => `${name} is one of ${schema.unwrap().options.join(', ')}`);
  throw new Failure('input-invalid', `The address asks for something that there is not: ${choices.join('; ')}.`);
}
