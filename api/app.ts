import Router from '@koa/router';
import Koa from 'koa';
import type { FaceSight } from '../domain/landmarks.ts';
import type { ApiMetrics } from '../adapters/telemetry/api-metrics.ts';
import type { Logger } from '../adapters/telemetry/logger.ts';
import type { Tracing } from '../adapters/telemetry/tracing.ts';
import { NO_TRACING } from '../adapters/telemetry/tracing.ts';
import type { ImageLimits } from '../domain/image-transform.ts';
import type { Access } from './access.ts';
import { createAnswerImage } from './answer-image.ts';
import { createGoldenImages } from './golden-images.ts';
import { allowOrigins } from './middleware/allow-origins.ts';
import { answerProblems } from './middleware/answer-problems.ts';
import { limitRate } from './middleware/limit-rate.ts';
import { logRequests } from './middleware/log-requests.ts';
import { requireKey } from './middleware/require-key.ts';
import { secureHeaders } from './middleware/secure-headers.ts';
import { traceRequests } from './middleware/trace-requests.ts';
import type { ModelSource } from './model-source.ts';
import type { MoodKeeper } from './mood-keeper.ts';
import { createSlots } from './slots.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addInferenceRoutes } from './routes/inference.ts';
import { addModelRoutes } from './routes/model.ts';
import { addPageRoutes } from './routes/pages.ts';
import { addPredictRoutes } from './routes/predict.ts';
import type { StreamPace } from './routes/venues.ts';
import { addVenueRoutes } from './routes/venues.ts';
import type { VenueDirectory } from './venue-directory.ts';

export interface AppDependencies extends FaceSight {
  readonly access: Access;
  readonly models: ModelSource;
  readonly venues: Pick<VenueDirectory, 'find'>;
  readonly moods: Pick<MoodKeeper, 'record' | 'now' | 'series'>;
  readonly imageLimits: ImageLimits;
  readonly metrics: ApiMetrics;
  readonly logger: Pick<Logger, 'debug' | 'info' | 'error'>;
  /** Aborted when the process is asked to end: probes then fail and streams end, while requests are still answered. */
  readonly ending?: AbortSignal;
  /** How often those who watch a mood are told. */
  readonly streamPace?: StreamPace;
  readonly tracing?: Pick<Tracing, 'inSpan'>;
}

/** Images that are worked on at a time: it bounds the memory that uploads can take to this many times the largest image. */
const MAX_IN_FLIGHT = 64;

/** The API as a Koa application: no port, no environment, no connection of its own. */
export function createApp({ access, models, venues, moods, detector, landmarks, imageLimits, metrics, logger, ending = new AbortController().signal, streamPace, tracing = NO_TRACING }: AppDependencies): Koa {
  const isShuttingDown = () => ending.aborted;
  const router = new Router();
  const answerImage = createAnswerImage({ detector, landmarks, imageLimits, moods, metrics });
  const slots = createSlots(MAX_IN_FLIGHT);
  addPredictRoutes(router, { models, answerImage, imageLimits, slots, venues });
  addInferenceRoutes(router, { models, answerImage, imageLimits, slots, isShuttingDown, venues });
  addVenueRoutes(router, { venues, moods, metrics, ending, ...(streamPace && { streamPace }) });
  addModelRoutes(router, models);
  addHealthRoutes(router, { models, metrics, isShuttingDown });
  addPageRoutes(router);

  const app = new Koa();
  app.use(logRequests(logger, metrics));
  app.use(traceRequests(tracing));
  app.use(secureHeaders());
  app.use(allowOrigins(access.corsOrigins));
  app.use(answerProblems(logger));
  app.use(requireKey(access, createGoldenImages(models)));
  app.use(limitRate(access.requestsPerMinute));
  app.use(router.routes());
  app.use(router.allowedMethods());
  app.on('error', (error: unknown) => {
    logger.debug({ err: error }, 'an answer could not be sent');
  });
  return app;
}
