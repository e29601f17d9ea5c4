import { createApiKeyStore } from '../adapters/blob-storage/api-key-store.ts';
import { createAzureBlobStore } from '../adapters/blob-storage/azure-blob-store.ts';
import { createModelRegistry } from '../adapters/blob-storage/model-registry.ts';
import { createMoodStore } from '../adapters/blob-storage/mood-store.ts';
import { createVenueStore } from '../adapters/blob-storage/venue-store.ts';
import { openFaceSight } from '../adapters/onnx/face-sight.ts';
import { openClassifier } from '../adapters/onnx/open-classifier.ts';
import { startInference } from '../adapters/onnx/start-inference.ts';
import { createApiMetrics } from '../adapters/telemetry/api-metrics.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { startTracing } from '../adapters/telemetry/start-tracing.ts';
import type { Config } from '../config/config.ts';
import { MODEL_NAME } from '../domain/names.ts';
import { sayWhoMayAsk, toOpenness } from './access.ts';
import { createApp } from './app.ts';
import { createKeyRing } from './key-ring.ts';
import { createKeyUses } from './key-uses.ts';
import { createModelSource } from './model-source.ts';
import { createMoodKeeper } from './mood-keeper.ts';
import { createMoodWatch } from './mood-watch.ts';
import { listen } from './server.ts';
import { createVenueDirectory, toMinimumFaces } from './venue-directory.ts';

type ServingConfig = Pick<Config, 'api' | 'access' | 'storage' | 'imageLimits' | 'logLevel' | 'telemetry' | 'code' | 'temporal'>;

interface RunningApi {
  readonly url: string;
  /** Resolves when every request under way is answered, at the latest after the drain limit, and the model closed. */
  close(): Promise<void>;
}

/** Below the 30 seconds that Kubernetes gives a pod to end. */
const DRAIN_LIMIT_MS = 20_000;

/** Keys, venues and moods are looked at all the time: a request that hangs must not keep the next one from finding that a key was revoked. */
const FREQUENT_REQUESTS = { timeoutMs: 5_000, maxTries: 1 };

/**
 * Starts the API: it listens at once, and answers predictions as soon as it has found and loaded a model.
 *
 * @throws Failure `configuration-invalid` when the port can't be had, `data-corrupt` when the networks for faces can't be loaded
 */
async function startApi({ api, access, storage, imageLimits, logLevel, telemetry, code, temporal }: ServingConfig): Promise<RunningApi> {
  const logger = createLogger({ level: logLevel, name: 'api' });
  const metrics = createApiMetrics({ withProcess: true });
  const tracing = await startTracing(telemetry.tracing, { name: 'barometer-api', version: code.gitSha, warn: (message) => { logger.warn(message); } });
  const inference = startInference();
  const opening = openFaceSight(inference);
  const registry = createModelRegistry(createAzureBlobStore(storage), MODEL_NAME);
  const models = createModelSource({
    versions: {
      ...registry,
      read: (version, names) => tracing.inSpan('ReadModel', { attributes: { 'barometer.model_version': version } }, () => registry.read(version, names)),
    },
    loadClassifier: (onnx, options) => openClassifier(inference, onnx, options),
    version: api.modelVersion,
    pollMs: api.modelPollMs,
    logger,
    metrics,
  });
  const lookedAt = createAzureBlobStore(storage, FREQUENT_REQUESTS);
  const keyStore = createApiKeyStore(lookedAt);
  const open = toOpenness(access, api.host);
  const keys = createKeyRing({
    source: keyStore,
    pollMs: access.keysPollMs,
    logger,
    onKnowledge: (knowledge) => { if (open !== 'always') sayWhoMayAsk(logger, open, knowledge, `http://${api.host}:${api.port}`); },
  });
  const uses = createKeyUses({ noteUse: (id, at) => keyStore.noteUse(id, at), logger });
  const venues = createVenueDirectory({ source: createVenueStore(lookedAt), pollMs: access.keysPollMs, logger });
  const moods = createMoodKeeper({ store: createMoodStore(lookedAt), minimumFacesOf: (venue) => toMinimumFaces(venues.find(venue)), logger });
  const watch = createMoodWatch({
    listVenues: venues.list,
    readSteps: moods.readSteps,
    openAlerts: async () => (await import('../adapters/temporal/mood-alerts.ts')).openMoodAlerts(temporal),
    logger,
  });

  async function closeParts(): Promise<void> {
    await Promise.all([models.close(), keys.close(), uses.close(), watch.close(), venues.close(), moods.close()]);
    await inference.close();
  }

  async function closeAfter(error: unknown): Promise<never> {
    await closeParts();
    throw error;
  }

  // Awaited as late as can be: the model is looked for and loaded meanwhile.
  const { detector, landmarks } = await opening.catch(closeAfter);
  const ending = new AbortController();
  const app = createApp({ access: { ...access, open, keys, onUse: uses.used }, models, venues, moods, detector, landmarks, imageLimits, metrics, logger, ending: ending.signal, tracing });
  const handle = app.callback();

  const server = await listen((req, res) => void handle(req, res), api).catch(closeAfter);
  const url = `http://${api.host}:${server.port}`;
  logger.info({ url }, 'listening');
  if (open === 'always') sayWhoMayAsk(logger, open, keys.knowledge(), url);

  return {
    url,
    async close() {
      ending.abort();
      logger.info({ limitMs: DRAIN_LIMIT_MS }, 'draining');
      await server.close(DRAIN_LIMIT_MS);
      await closeParts();
      await tracing.end();
      logger.info('ended');
    },
  };
}

/** Runs the API until the process is asked to end (SIGTERM, SIGINT) and has drained; a second request ends it at once. */
export async function runApi(config: ServingConfig): Promise<void> {
  const running = await startApi(config);
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => { resolve(); });
    process.once('SIGINT', () => { resolve(); });
  });
  await running.close();
}
