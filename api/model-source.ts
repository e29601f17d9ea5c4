import type { ApiMetrics } from '../adapters/telemetry/api-metrics.ts';
import type { Logger } from '../adapters/telemetry/logger.ts';
import { EMOTIONS } from '../domain/emotion.ts';
import type { Emotion, PerEmotion } from '../domain/emotion.ts';
import { Failure, isFailure } from '../domain/failure.ts';
import type { GreyPixels } from '../domain/image-transform.ts';
import { IMAGE_PIXELS, IMAGE_TRANSFORM, isSameTransform } from '../domain/image-transform.ts';
import type { ModelCard, ModelManifest } from '../domain/model.ts';
import { labelOrderSchema } from '../domain/model.ts';
import { MODEL_FILES } from '../domain/names.ts';

/** A network that is ready to answer. */
export interface Classifier {
  /** Probabilities of each image, in the order given. */
  classify(pixels: readonly GreyPixels[]): Promise<PerEmotion[]>;
  close(): Promise<void>;
}

/** Of the registry, what serving needs. */
export interface ModelVersions {
  read(version: number, fileNames: readonly string[]): Promise<{
    readonly manifest: ModelManifest;
    readonly card: ModelCard;
    readonly files: ReadonlyMap<string, Uint8Array>;
  }>;
  resolveAlias(alias: 'latest'): Promise<{ readonly version: number; readonly etag: string } | null>;
  readLatestIfChanged(etag: string): Promise<{ readonly version: number; readonly etag: string } | 'unchanged' | null>;
}

export interface ServedModel {
  readonly manifest: ModelManifest;
  readonly card: ModelCard;
  readonly classifier: Pick<Classifier, 'classify'>;
  /** SVG by file name, of those that the version holds. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
}

export interface ModelSource {
  /** The model that answers now; null as long as there is none. */
  current(): ServedModel | null;
  /**
   * Works with the current model, which stays open until the work is done, even when another takes its place meanwhile.
   *
   * @throws Failure `model-unavailable` when there is none
   */
  use<T>(work: (model: ServedModel) => Promise<T>): Promise<T>;
  /** Looks now whether there is something newer; never rejects. */
  refresh(): Promise<void>;
  /** Stops looking, and closes the model once nobody uses it. */
  close(): Promise<void>;
}

export interface ModelSourceOptions {
  readonly versions: ModelVersions;
  readonly loadClassifier: (onnx: Uint8Array, options: { readonly labels: readonly Emotion[] }) => Promise<Classifier>;
  /** `latest` is followed wherever it moves; a number is served for good. */
  readonly version: 'latest' | number;
  readonly pollMs: number;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics: Pick<ApiMetrics, 'modelServed' | 'modelLoadFailed'>;
}

interface OpenModel extends ServedModel {
  readonly classifier: Classifier;
  users: number;
  isRetired: boolean;
}

const SERVED_FILES = [MODEL_FILES.onnx, MODEL_FILES.curves, MODEL_FILES.confusion];

/** The first runs of a session allocate; nobody's request should wait for that. */
const WARM_UP_RUNS = 5;

/** A version that can't be loaded is tried again after longer and longer pauses; it may be the storage that is to blame. */
const LONGEST_PAUSE_MS = 60_000;

/** Probabilities come as 32-bit floats. */
const LARGEST_SUM_ERROR = 1e-3;

/**
 * Holds the model that is served. A newer one is loaded and warmed up beside it and then takes its place at once; one
 * that can't be loaded is reported, and the old one goes on.
 */
export function createModelSource(options: ModelSourceOptions): ModelSource {
  const { versions, loadClassifier, version: wanted, pollMs, logger, metrics } = options;
  let model: OpenModel | null = null;
  let etag: string | null = null;
  let broken = { version: 0, failures: 0, tryAgainAt: 0 };
  let refreshing: Promise<void> | null = null;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  function refresh(): Promise<void> {
    refreshing ??= look().finally(() => {
      refreshing = null;
    });
    return refreshing;
  }

  async function look(): Promise<void> {
    try {
      const target = await findTarget();
      if (target === null) return;
      if (target.version !== model?.manifest.version) {
        if (target.version === broken.version && Date.now() < broken.tryAgainAt) return;
        if (!(await trySwap(target.version))) return;
      }
      etag = target.etag;
    } catch (error) {
      // No container means that nothing was ever registered: no reason for a warning every other second.
      if (!isFailure(error, 'not-found')) logger.warn({ err: error }, 'the registry could not be read');
    }
  }

  async function findTarget(): Promise<{ version: number; etag: string | null } | null> {
    if (wanted !== 'latest') return model === null ? { version: wanted, etag: null } : null;
    const latest = etag === null ? await versions.resolveAlias('latest') : await versions.readLatestIfChanged(etag);
    return latest === 'unchanged' ? null : latest;
  }

  async function trySwap(version: number): Promise<boolean> {
    const startedAt = performance.now();
    try {
      const next = await open(version);
      if (isClosed) {
        await next.classifier.close();
        return false;
      }
      const before = model;
      model = next;
      broken = { version: 0, failures: 0, tryAgainAt: 0 };
      metrics.modelServed(next.manifest);
      const ms = Math.round(performance.now() - startedAt);
      logger.info({ version, before: before?.manifest.version ?? null, gitSha: next.manifest.gitSha, ms }, 'model served');
      if (before !== null) retire(before);
      return true;
    } catch (error) {
      const failures = broken.version === version ? broken.failures + 1 : 1;
      const pauseMs = Math.min(LONGEST_PAUSE_MS, pollMs * 2 ** failures);
      broken = { version, failures, tryAgainAt: Date.now() + pauseMs };
      metrics.modelLoadFailed();
      logger.error({ err: error, version, serving: model?.manifest.version ?? null, pauseMs }, 'model could not be loaded');
      return false;
    }
  }

  async function open(version: number): Promise<OpenModel> {
    const { manifest, card, files } = await versions.read(version, SERVED_FILES);
    refuseForeign(manifest);
    const onnx = files.get(MODEL_FILES.onnx);
    if (onnx === undefined) throw new Failure('data-corrupt', `Version ${version} holds no ${MODEL_FILES.onnx}.`);
    const classifier = await loadClassifier(onnx, { labels: manifest.labels });
    try {
      await warmUp(classifier);
    } catch (error) {
      await classifier.close();
      throw error;
    }
    const pictures = new Map([...files].filter(([name]) => name !== MODEL_FILES.onnx));
    return { manifest, card, classifier, pictures, users: 0, isRetired: false };
  }

  function retire(old: OpenModel): void {
    old.isRetired = true;
    if (old.users === 0) void closeClassifier(old);
  }

  async function closeClassifier({ classifier, manifest }: OpenModel): Promise<void> {
    try {
      await classifier.close();
    } catch (error) {
      logger.warn({ err: error, version: manifest.version }, 'a model could not be closed');
    }
  }

  function schedule(): void {
    if (isClosed) return;
    timer = setTimeout(() => {
      void refresh().finally(schedule);
    }, pollMs);
    timer.unref();
  }

  void refresh().finally(schedule);

  return {
    current: () => model,

    async use(work) {
      const used = model;
      if (used === null) {
        const which = wanted === 'latest' ? 'No model is registered, or it is still being loaded' : `Version ${wanted} is not loaded`;
        throw new Failure('model-unavailable', `${which}. Try again in a moment.`);
      }
      used.users += 1;
      try {
        return await work(used);
      } finally {
        used.users -= 1;
        if (used.isRetired && used.users === 0) void closeClassifier(used);
      }
    },

    refresh,

    async close() {
      isClosed = true;
      clearTimeout(timer);
      await refreshing;
      const last = model;
      model = null;
      if (last !== null) retire(last);
    },
  };
}

/** A network whose outputs or inputs mean something else would answer, and wrongly. */
function refuseForeign({ version, labels, transform }: ModelManifest): void {
  const order = labelOrderSchema.safeParse(labels);
  if (!order.success) throw new Failure('data-corrupt', `Version ${version} has its labels in another order: ${labels.join(', ')}.`);
  if (isSameTransform(transform, IMAGE_TRANSFORM)) return;
  throw new Failure(
    'data-corrupt',
    `Version ${version} was trained on images made by ${transform.name} ${transform.version}; this API makes ${IMAGE_TRANSFORM.name} ${IMAGE_TRANSFORM.version}.`,
  );
}

async function warmUp(classifier: Classifier): Promise<void> {
  for (let run = 0; run < WARM_UP_RUNS; run += 1) {
    const [answer] = await classifier.classify([new Uint8Array(IMAGE_PIXELS).fill(51 * run)]);
    const sum = EMOTIONS.reduce((total, emotion) => total + (answer?.[emotion] ?? Number.NaN), 0);
    if (!(Math.abs(sum - 1) < LARGEST_SUM_ERROR)) {
      throw new Failure('data-corrupt', 'The network does not answer with probabilities.');
    }
  }
}
