import type Router from '@koa/router';
import type { ApiMetrics } from '../../adapters/telemetry/api-metrics.ts';
import { toGreyPixels } from '../../adapters/vision/decode.ts';
import type { ImageLimits } from '../../domain/image-transform.ts';
import { toClassification } from '../../domain/prediction.ts';
import type { PredictionAnswer } from '../answers.ts';
import { limitInFlight } from '../middleware/limit-in-flight.ts';
import type { ModelSource } from '../model-source.ts';
import { createImageReader } from '../upload.ts';

export interface PredictDependencies {
  readonly models: ModelSource;
  readonly imageLimits: ImageLimits;
  readonly metrics: ApiMetrics;
}

/** Bounds the memory that uploads can take to this many times the largest image. */
const MAX_IN_FLIGHT = 64;

export function addPredictRoute(router: Router, { models, imageLimits, metrics }: PredictDependencies): void {
  const readImage = createImageReader(imageLimits);

  router.post('/predict', limitInFlight(MAX_IN_FLIGHT), async (ctx) => {
    ctx.body = await models.use(async ({ manifest, classifier }): Promise<PredictionAnswer> => {
      const { name, version, gitSha, accuracy } = manifest;
      ctx.state['modelVersion'] = version;
      const bytes = await readImage(ctx);
      const receivedAt = performance.now();
      const { pixels, width, height } = await toGreyPixels(bytes, imageLimits);
      const decodedAt = performance.now();
      const [probabilities] = await classifier.classify([pixels]);
      if (probabilities === undefined) throw new Error('the classifier gave no answer');
      const inference = (performance.now() - decodedAt) / 1000;
      const classification = toClassification(probabilities);
      metrics.predicted(classification.emotion, { decode: (decodedAt - receivedAt) / 1000, inference });
      return { ...classification, source: 'whole-image', image: { width, height }, model: { name, version, gitSha, accuracy } };
    });
    ctx.set('Cache-Control', 'no-store');
  });
}
