import { toRunOfCandidate } from '../domain/candidates.ts';
import { Failure, isFailure } from '../domain/failure.ts';
import type { ModelCard, ModelManifest } from '../domain/model.ts';
import { MODEL_FILES } from '../domain/names.ts';
import type { RegisteredModel } from '../domain/run-findings.ts';
import type { StoredFile, TrainingResult } from '../domain/training.ts';
import { toDigest } from './content-digest.ts';
import { withHeartbeat } from './heartbeat.ts';

export interface RegisterDependencies {
  readonly runs: {
    findResult(runName: string): Promise<TrainingResult | null>;
    findCard(runName: string): Promise<ModelCard | null>;
    /** @throws Failure `not-found` */
    readCandidateFile(runName: string, fileName: string): Promise<Uint8Array>;
  };
  readonly registry: {
    /** Registers a run at most once; aborted in time, it leaves nothing behind. */
    register(registration: {
      readonly manifest: Omit<ModelManifest, 'name' | 'version' | 'registeredAt' | 'files'>;
      readonly files: ReadonlyMap<string, Uint8Array>;
      readonly signal: AbortSignal;
    }): Promise<ModelManifest>;
    resolveAlias(alias: 'latest'): Promise<{ readonly version: number } | null>;
    /** @throws Failure `not-found`, or `data-corrupt` when anything stored is not what the manifest says */
    read(version: number, fileNames: readonly string[]): Promise<{ readonly manifest: ModelManifest }>;
  };
}

export interface RegisterRequest {
  readonly runName: string;
  readonly gitSha: string;
  /** False: it becomes a version of its own in any case. Missing in requests of before that was asked. */
  readonly useCache?: boolean;
}

export interface RegisterSummary extends RegisteredModel {
  /** The run that registered the very same network before; null when the version is this run's. */
  readonly cachedFrom: string | null;
}

export type RegisterActivities = ReturnType<typeof createRegisterActivities>;

/** What serving and the next evaluation can't do without. */
const REQUIRED_FILES = [MODEL_FILES.onnx, MODEL_FILES.topology, MODEL_FILES.weights];

export function createRegisterActivities({ runs, registry }: RegisterDependencies) {
  return {
    /**
     * Files the run's candidate as the next version of the model, unless the latest one has this very network. A cancelled
     * call leaves no half of one behind.
     */
    async registerModel({ runName, gitSha, useCache = true }: RegisterRequest): Promise<RegisterSummary> {
      return withHeartbeat(async (_report, signal) => {
        const card = await readCard(runName, gitSha);
        const files = await readFiles(card);
        const manifest = toManifest(card);
        const same = useCache ? await findSame(files, manifest) : null;
        const { name, version, accuracy, runName: registeredBy } = same ?? (await registry.register({ manifest, files, signal }));
        return { name, version, accuracy, cachedFrom: registeredBy === runName ? null : toRunOfCandidate(registeredBy) };
      });
    },
  };

  /** The latest version, if it holds these networks, and whole, and names expressions from the same confidence on. */
  async function findSame(files: ReadonlyMap<string, Uint8Array>, { uncertainBelow }: Pick<ModelManifest, 'uncertainBelow'>): Promise<ModelManifest | null> {
    const latest = await registry.resolveAlias('latest');
    if (latest === null) return null;
    try {
      const { manifest } = await registry.read(latest.version, REQUIRED_FILES);
      if (manifest.uncertainBelow !== uncertainBelow) return null;
      const digests = new Map(manifest.files.map(({ name, digest }) => [name, digest]));
      return REQUIRED_FILES.every((name) => digests.get(name) === toDigest(files.get(name)!)) ? manifest : null;
    } catch (error) {
      if (isFailure(error, 'not-found') || isFailure(error, 'data-corrupt')) return null;
      throw error;
    }
  }

  async function readCard(runName: string, gitSha: string): Promise<ModelCard> {
    const card = await runs.findCard(runName);
    if (card === null) throw new Failure('not-found', `Run ${runName} has no evaluated candidate to register.`);
    if (card.gitSha !== gitSha) {
      throw new Failure('input-invalid', `The candidate of run ${runName} was made by commit ${card.gitSha}, not ${gitSha}.`);
    }
    if (!card.gate.passed) {
      throw new Failure('input-invalid', `The candidate of run ${runName} did not pass the gate: ${card.gate.reason}`);
    }
    return card;
  }

  async function readFiles(card: ModelCard): Promise<Map<string, Uint8Array>> {
    const { runName } = card;
    const result = await runs.findResult(runName);
    if (result === null) throw new Failure('not-found', `Run ${runName} has no finished training to register.`);
    const trained = new Map(result.files.map((file) => [file.name, file]));
    const missing = REQUIRED_FILES.filter((name) => !trained.has(name));
    if (missing.length > 0) throw new Failure('data-corrupt', `The candidate of run ${runName} lacks ${missing.join(', ')}.`);

    const pictures = card.confidence === null ? [MODEL_FILES.confusion] : [MODEL_FILES.confusion, MODEL_FILES.reliability];
    const names = new Set([...trained.keys(), MODEL_FILES.card, ...pictures]);
    const files = new Map<string, Uint8Array>();
    for (const name of names) {
      const bytes = await runs.readCandidateFile(runName, name);
      refuseChanged(runName, bytes, trained.get(name));
      files.set(name, bytes);
    }
    return files;
  }
}

function toManifest(card: ModelCard): Parameters<RegisterDependencies['registry']['register']>[0]['manifest'] {
  const { runName, gitSha, labels, transform, evaluation, training, data } = card;
  const { accuracy, accuracyInterval } = evaluation;
  return { runName, gitSha, labels, transform, accuracy, accuracyInterval, uncertainBelow: training.certainty?.uncertainBelow ?? 0, datasetVersion: data.datasetVersion };
}

function refuseChanged(runName: string, bytes: Uint8Array, trained: StoredFile | undefined): void {
  if (trained === undefined || toDigest(bytes) === trained.digest) return;
  throw new Failure('data-corrupt', `${trained.name} of run ${runName} is not what the training wrote.`);
}
