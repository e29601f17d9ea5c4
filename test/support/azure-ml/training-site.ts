import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAzureMlCompute } from '../../../adapters/compute/azure-ml/compute.ts';
import type { TrainingDiary } from '../../../adapters/compute/azure-ml/event-tail.ts';
import type { AzureMlSettings } from '../../../config/azure-ml.ts';
import type { DatasetManifest, SplitManifest } from '../../../domain/dataset.ts';
import { toPerEmotion } from '../../../domain/emotion.ts';
import { IMAGE_TRANSFORM } from '../../../domain/image-transform.ts';
import type { TrainingEvent, TrainingSpec } from '../../../domain/training.ts';
import { diaryEntrySchema, hyperparametersSchema } from '../../../domain/training.ts';
import { GIT_SHA } from '../models.ts';
import type { AzureMl } from './azure-ml.ts';
import { startAzureMl } from './azure-ml.ts';

export const RUN = '20261124T015500Z-1a2b3c4';
export const DATASET: DatasetManifest = {
  version: RUN,
  runName: RUN,
  gitSha: GIT_SHA,
  createdAt: '2026-11-24T01:55:00.000Z',
  transform: IMAGE_TRANSFORM,
  limits: { maxBytes: 1, maxPixels: 1 },
  counts: toPerEmotion(() => 20),
  shards: [],
  refused: [],
};
export const SPLIT: SplitManifest = {
  version: `${RUN}.test-0.2`,
  datasetVersion: RUN,
  runName: RUN,
  gitSha: GIT_SHA,
  createdAt: '2026-11-24T01:55:30.000Z',
  transform: IMAGE_TRANSFORM,
  testRatio: 0.2,
  counts: { train: toPerEmotion(() => 16), test: toPerEmotion(() => 4) },
  copies: 0,
  excluded: 0,
  contradictions: [],
  train: [],
  test: [],
};

/** Stands where the train program stands, and begins like this: it can `say` events, and knows its `run`. */
const PROGRAM_HEAD = `
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
const run = process.argv.at(-1);
const file = (name) => process.env.DIARY + '/' + run + '.' + name;
const say = (event) => appendFileSync(file('events'), JSON.stringify({ at: new Date().toISOString(), event }) + '\\n');
const log = (line) => appendFileSync(file('log'), line + '\\n');
const metrics = (epoch) => ({ epoch, epochs: 5, loss: 1 / epoch, accuracy: 0.5, validationLoss: 1, validationAccuracy: 0.5, learningRate: 1e-3, seconds: 1, imagesPerSecond: 100 });
`;

/** Five quick epochs, each with a checkpoint, on from the last one. */
export const TRAINS = `
const from = existsSync(file('checkpoint')) ? Number(readFileSync(file('checkpoint'), 'utf8')) : 0;
say({ type: 'started', samples: 64, validationSamples: 8, resumedFromEpoch: from });
for (let epoch = from + 1; epoch <= 5; epoch += 1) {
  await wait(20);
  say({ type: 'epoch', metrics: metrics(epoch) });
  writeFileSync(file('checkpoint'), String(epoch));
  say({ type: 'checkpoint', epoch, bytes: 1 });
}
`;

/** Waits after its first checkpoint for ever, but only the first time. */
export const HANGS_ONCE = `
const isFirst = !existsSync(file('checkpoint'));
if (isFirst) {
  say({ type: 'started', samples: 64, validationSamples: 8, resumedFromEpoch: 0 });
  say({ type: 'epoch', metrics: metrics(1) });
  writeFileSync(file('checkpoint'), '1');
  say({ type: 'checkpoint', epoch: 1, bytes: 1 });
  await wait(600_000);
}
${TRAINS}`;

export interface SiteOptions {
  /** Source of the program that jobs run. */
  readonly program?: string;
  readonly settings?: Partial<AzureMlSettings>;
}

/** A workspace, a program that jobs in it run, and where that writes what it says. */
export interface TrainingSite {
  readonly azure: AzureMl;
  /** Folder of the program and of what it writes. */
  readonly home: string;
  readonly settings: AzureMlSettings;
  readonly diary: TrainingDiary;
  readonly compute: ReturnType<typeof createAzureMlCompute>;
  /** Runs a training to its end; what it said, and how it failed if it did. */
  train(spec?: TrainingSpec, options?: { readonly signal?: AbortSignal; readonly isWanted?: () => boolean; readonly onEvent?: (event: TrainingEvent) => void }): Promise<Training>;
  /** Another worker's compute on the same workspace. */
  newCompute(): ReturnType<typeof createAzureMlCompute>;
  stop(): Promise<void>;
}

export interface Training {
  readonly events: TrainingEvent[];
  readonly error: unknown;
}

export async function openTrainingSite({ program = TRAINS, settings: changes = {} }: SiteOptions = {}): Promise<TrainingSite> {
  const home = mkdtempSync(join(tmpdir(), 'barometer-training-site-'));
  mkdirSync(join(home, 'workers'));
  writeFileSync(join(home, 'package.json'), '{"type":"module"}');
  writeFileSync(join(home, 'workers', 'train.ts'), PROGRAM_HEAD + program);
  const azure = await startAzureMl({ home, jobEnvironment: { DIARY: home } });
  const settings: AzureMlSettings = {
    subscriptionId: azure.subscriptionId,
    resourceGroup: azure.resourceGroup,
    workspace: azure.workspace,
    endpoint: azure.endpoint,
    cluster: 'barometer-cpu',
    vmSize: 'Standard_F4s_v2',
    maxNodes: 4,
    idleSeconds: 60,
    lowPriority: false,
    identityId: null,
    jobTimeoutMs: 12 * 3_600_000,
    queueTimeoutMs: 60_000,
    pollMs: 20,
    storageAccountUrl: 'https://moods.blob.core.windows.net',
    imageRepository: 'ghcr.io/acme/barometer',
    ...changes,
  };
  const diary = openDiary(home);
  const newCompute = () => openCompute(settings, home);
  const compute = newCompute();

  return {
    azure,
    home,
    settings,
    diary,
    compute,
    newCompute,
    async train(spec = toTrainingSpec(), { signal = new AbortController().signal, isWanted = () => false, onEvent } = {}) {
      const events: TrainingEvent[] = [];
      const options = {
        signal,
        isWanted,
        onEvent(event: TrainingEvent) {
          events.push(event);
          onEvent?.(event);
        },
      };
      const error = await compute.run(spec, options).then(() => null, (reason: unknown) => reason);
      return { events, error };
    },
    async stop() {
      await azure.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export function toTrainingSpec(candidate?: string): TrainingSpec {
  return { runName: candidate === undefined ? RUN : `${RUN}.${candidate}`, gitSha: GIT_SHA, splitVersion: SPLIT.version, hyperparameters: hyperparametersSchema.parse({}) };
}

/** The compute of a worker, be it this process or another. */
export function openCompute(settings: AzureMlSettings, home: string): ReturnType<typeof createAzureMlCompute> {
  const datasets = { readSplit: async () => SPLIT, readDataset: async () => DATASET };
  return createAzureMlCompute({ settings, diary: openDiary(home), datasets, credential: TEST_CREDENTIAL });
}

export const TEST_CREDENTIAL = { getToken: async () => ({ token: 'of a test', expiresOnTimestamp: Date.now() + 3_600_000 }) };

function openDiary(home: string): TrainingDiary {
  return {
    findEvents: async (runName) => readLines(join(home, `${runName}.events`)).map((line) => diaryEntrySchema.parse(JSON.parse(line))),
    findLog: async (runName) => readLines(join(home, `${runName}.log`)).join('\n'),
  };
}

/** A line that is being written counts when it is complete. */
function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}

/** What a training said to people, in the order in which it said it. */
export function toMessages(events: readonly TrainingEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'log' || event.type === 'waiting' ? [event.message] : []));
}
