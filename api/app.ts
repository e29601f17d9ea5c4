import Router from '@koa/router';
import Koa from 'koa';
import type { ApiMetrics } from '../adapters/telemetry/api-metrics.ts';
import type { Logger } from '../adapters/telemetry/logger.ts';
import type { Tracing } from '../adapters/telemetry/tracing.ts';
import { NO_TRACING } from '../adapters/telemetry/tracing.ts';
import type { FaceDetector } from '../domain/face.ts';
import type { ImageLimits } from '../domain/image-transform.ts';
import type { Access } from './access.ts';
import { createGoldenImages } from './golden-images.ts';
import { allowOrigins } from './middleware/allow-origins.ts';
import { answerProblems } from './middleware/answer-problems.ts';
import { limitRate } from './middleware/limit-rate.ts';
import { logRequests } from './middleware/log-requests.ts';
import { requireKey } from './middleware/require-key.ts';
import { secureHeaders } from './middleware/secure-headers.ts';
import { traceRequests } from './middleware/trace-requests.ts';
import type { ModelSource } from './model-source.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addModelRoutes } from './routes/model.ts';
import { addPageRoutes } from './routes/pages.ts';
import { addPredictRoute } from './routes/predict.ts';

export interface AppDependencies {
  readonly access: Access;
  readonly models: ModelSource;
  readonly detector: FaceDetector;
  readonly imageLimits: ImageLimits;
  readonly metrics: ApiMetrics;
  readonly logger: Pick<Logger, 'debug' | 'info' | 'error'>;
  /** True from the moment when the process was asked to end: probes then fail, while requests are still answered. */
  readonly isShuttingDown?: () => boolean;
  readonly tracing?: Pick<Tracing, 'inSpan'>;
}

/** The API as a Koa application: no port, no environment, no connection of its own. */
export function createApp({ access, models, detector, imageLimits, metrics, logger, isShuttingDown = () => false, tracing = NO_TRACING }: AppDependencies): Koa {
  const router = new Router();
  addPredictRoute(router, { models, detector, imageLimits, metrics });
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
