import type Router from '@koa/router';
import type { z } from 'zod';
import type { ApiMetrics } from '../../adapters/telemetry/api-metrics.ts';
import { Failure } from '../../domain/failure.ts';
import type { healthAnswerSchema, readinessAnswerSchema } from '../answers.ts';
import type { ServedModel } from '../load-model.ts';
import type { ModelSource } from '../model-source.ts';
import { HttpProblem } from '../problem.ts';

export interface HealthDependencies {
  readonly models: ModelSource;
  readonly metrics: ApiMetrics;
  readonly isShuttingDown: () => boolean;
}

export function addHealthRoutes(router: Router, { models, metrics, isShuttingDown }: HealthDependencies): void {
  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'alive' } satisfies z.infer<typeof healthAnswerSchema>;
  });

  router.get('/readyz', (ctx) => {
    const { name, version } = requireReady(models, isShuttingDown).manifest;
    ctx.body = { status: 'ready', model: { name, version } } satisfies z.infer<typeof readinessAnswerSchema>;
  });

  router.get('/metrics', async (ctx) => {
    const { contentType, text } = await metrics.render();
    ctx.body = text;
    ctx.set('Content-Type', contentType);
  });
}

/**
 * The model that answers whoever asks now.
 *
 * @throws HttpProblem `shutting-down`; Failure `model-unavailable`
 */
export function requireReady(models: Pick<ModelSource, 'current'>, isShuttingDown: () => boolean): ServedModel {
  if (isShuttingDown()) throw new HttpProblem('shutting-down', 'This server is going away.');
  const model = models.current();
  if (model === null) throw new Failure('model-unavailable', 'No model is loaded yet.');
  return model;
}
