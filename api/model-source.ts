import type { ApiMetrics } from '../adapters/telemetry/api-metrics.ts';
import type { Logger } from '../adapters/telemetry/logger.ts';
import { Failure, isFailure } from '../domain/failure.ts';
import type { ClassifierLoader, LoadedModel, ServedModel, VersionReader } from './load-model.ts';
import { follow } from './follow.ts';
import { loadModel } from './load-model.ts';

/** Of the registry, what serving needs. */
export interface ModelVersions extends VersionReader {
  resolveAlias(alias: 'latest'): Promise<{ readonly version: number; readonly etag: string } | null>;
  readLatestIfChanged(etag: string): Promise<{ readonly version: number; readonly etag: string } | 'unchanged' | null>;
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
  readonly loadClassifier: ClassifierLoader;
  /** `latest` is followed wherever it moves; a number is served for good. */
  readonly version: 'latest' | number;
  readonly pollMs: number;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics: Pick<ApiMetrics, 'modelServed' | 'modelLoadFailed'>;
}

interface OpenModel extends LoadedModel {
  users: number;
  isRetired: boolean;
}

/** A version that can't be loaded is tried again after longer and longer pauses; it may be the storage that is to blame. */
const LONGEST_PAUSE_MS = 60_000;

/**
 * Holds the model that is served. A newer one is loaded and warmed up beside it and then takes its place at once; one
 * that can't be loaded is reported, and the old one goes on.
 */
export function createModelSource(options: ModelSourceOptions): ModelSource {
  const { versions, loadClassifier, version: wanted, pollMs, logger, metrics } = options;
  let model: OpenModel | null = null;
  let etag: string | null = null;
  let broken = { version: 0, failures: 0, tryAgainAt: 0 };
  let isClosed = false;

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
      const next: OpenModel = { ...(await loadModel(version, versions, loadClassifier)), users: 0, isRetired: false };
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
      if (before !== null) void retire(before);
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

  async function retire(old: OpenModel): Promise<void> {
    old.isRetired = true;
    if (old.users === 0) await closeClassifier(old);
  }

  async function closeClassifier({ classifier, manifest }: OpenModel): Promise<void> {
    try {
      await classifier.close();
    } catch (error) {
      logger.warn({ err: error, version: manifest.version }, 'a model could not be closed');
    }
  }

  const following = follow(look, pollMs);

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

    refresh: following.refresh,

    async close() {
      isClosed = true;
      await following.close();
      const last = model;
      model = null;
      if (last !== null) await retire(last);
    },
  };
}
