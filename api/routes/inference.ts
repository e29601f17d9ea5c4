import type Router from '@koa/router';
import type { Context } from 'koa';
import type { z } from 'zod';
import { Failure } from '../../domain/failure.ts';
import type { ImageLimits } from '../../domain/image-transform.ts';
import type { AnswerImage } from '../answer-image.ts';
import { answerInference, readInferenceRequest } from '../inference/envelope.ts';
import type { ModelMetadata, modelReadySchema, serverLiveSchema, serverMetadataSchema, serverReadySchema } from '../inference/messages.ts';
import { PROTOCOL_EXTENSIONS } from '../inference/messages.ts';
import type { InferenceModel } from '../inference/models.ts';
import { createFaceModel, createSceneModel, toMetadata } from '../inference/models.ts';
import { readTensor } from '../inference/tensors.ts';
import type { ServedModel } from '../load-model.ts';
import { limitInFlight } from '../middleware/limit-in-flight.ts';
import { chargeImages } from '../middleware/limit-rate.ts';
import type { ModelSource } from '../model-source.ts';
import type { Slots } from '../slots.ts';
import { readScenery } from '../place.ts';
import { requireReady } from './health.ts';
import type { VenueDirectory } from '../venue-directory.ts';
import { BATCH_IN_IMAGES } from './predict.ts';

export interface InferenceDependencies {
  readonly models: ModelSource;
  readonly answerImage: AnswerImage;
  readonly imageLimits: ImageLimits;
  readonly slots: Slots;
  readonly isShuttingDown: () => boolean;
  readonly venues: Pick<VenueDirectory, 'find'>;
}

/**
 * The Open Inference Protocol, version 2, for clients and tools that speak it. `emotions-cnn` is the network, `emotions-scene` is
 * /predict; the version of both is that of the registered model which is served.
 */
export function addInferenceRoutes(router: Router, { models, answerImage, imageLimits, slots, isShuttingDown, venues }: InferenceDependencies): void {
  const known = new Map([createFaceModel(), createSceneModel(answerImage)].map((model) => [model.name, model]));

  function findModel(ctx: Context): InferenceModel {
    const { name } = ctx['params'] as { name: string };
    const model = known.get(name);
    if (model === undefined) throw new Failure('not-found', `There is no such model; there are ${[...known.keys()].join(' and ')}.`);
    return model;
  }

  function toVersion(ctx: Context, { manifest }: ServedModel): string {
    const { version } = ctx['params'] as { version?: string };
    const served = String(manifest.version);
    if (version !== undefined && version !== served) throw new Failure('not-found', `Only version ${served} is served.`);
    return served;
  }

  router.get('/v2', (ctx) => {
    ctx.body = { name: 'barometer', version: '1', extensions: [...PROTOCOL_EXTENSIONS] } satisfies z.infer<typeof serverMetadataSchema>;
  });

  router.get('/v2/health/live', (ctx) => {
    ctx.body = { live: true } satisfies z.infer<typeof serverLiveSchema>;
  });

  router.get('/v2/health/ready', (ctx) => {
    requireReady(models, isShuttingDown);
    ctx.body = { ready: true } satisfies z.infer<typeof serverReadySchema>;
  });

  for (const path of ['/v2/models/:name', '/v2/models/:name/versions/:version']) {
    router.get(path, async (ctx) => {
      const model = findModel(ctx);
      ctx.body = await models.use(async (served): Promise<ModelMetadata> => toMetadata(model, toVersion(ctx, served)));
    });

    router.get(`${path}/ready`, async (ctx) => {
      const { name } = findModel(ctx);
      await models.use(async (served) => toVersion(ctx, served));
      ctx.body = { name, ready: true } satisfies z.infer<typeof modelReadySchema>;
    });

    router.post(`${path}/infer`, limitInFlight(slots, BATCH_IN_IMAGES), async (ctx) => {
      const model = findModel(ctx);
      await models.use(async (served) => {
        ctx.state['modelVersion'] = served.manifest.version;
        const version = toVersion(ctx, served);
        const request = await readInferenceRequest(ctx, BATCH_IN_IMAGES * imageLimits.maxBytes);
        const [input] = request.inputs;
        const tensor = readTensor(input!, request.binary, model.input);
        chargeImages(ctx, input!.shape[0]!);
        const outputs = await model.infer(tensor, { parameters: request.parameters, served, toScenery: (query) => readScenery(ctx, query, venues) });
        answerInference(ctx, request, { model_name: model.name, model_version: version }, outputs);
      });
      ctx.set('Cache-Control', 'no-store');
    });
  }
}
