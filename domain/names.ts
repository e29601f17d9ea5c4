import type { ContainerImage } from './container-image.ts';
import type { GitSha } from './git-sha.ts';
import { shortSha } from './git-sha.ts';
import type { ComputeKind } from './compute.ts';
import type { InventoryUse } from './used-inventory.ts';

/**
 * The only place where names that outside systems see are composed: containers, blob keys, workflow ids, task
 * queues. (Image references are in `container-image.ts`.)
 */

/** Containers of the storage account. People upload to `raw`; the program writes to the others only. */
export const CONTAINERS = { raw: 'emotions', processed: 'processed', models: 'models', runs: 'runs', access: 'access', usage: 'usage' } as const;
export type Container = (typeof CONTAINERS)[keyof typeof CONTAINERS];

export const MODEL_NAME = 'emotions-cnn';

/** What a worker process may be asked to do; each role polls one task queue. */
export const WORKER_ROLES = ['pipeline', 'data', 'train', 'deploy'] as const;
export type WorkerRole = (typeof WORKER_ROLES)[number];

/** `data,train`: the roles that are named, each once, and whatever is no role. */
export function parseWorkerRoles(text: string): { readonly roles: WorkerRole[]; readonly unknown: string[] } {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  const isRole = (name: string): name is WorkerRole => (WORKER_ROLES as readonly string[]).includes(name);
  return { roles: names.filter(isRole), unknown: names.filter((name) => !isRole(name)) };
}

export function toTaskQueue(role: WorkerRole): string {
  return `barometer-${role}`;
}

/** Trainings on this machine and elsewhere don't wait for each other: one fills a machine, the other is only watched. */
export function toTrainingQueue(compute: ComputeKind): string {
  return compute === 'local' ? toTaskQueue('train') : `${toTaskQueue('train')}-${compute}`;
}

/** All workers together; their versions are commits. */
export const WORKER_DEPLOYMENT = 'barometer';

/** One commit has at most one pipeline running at a time, because its workflow id is this. */
export function toPipelineWorkflowId(gitSha: GitSha): string {
  return `pipeline-${gitSha}`;
}

/** What a schedule starts when its time has come; the server appends the time. */
export function toScheduledRunId(scheduleId: string): string {
  return `scheduled-${scheduleId}`;
}

/** The same at every attempt, so that nobody is told twice of the same. */
export function toNotificationId(runName: string, event: string, target: string): string {
  return `${runName}-${event}-${target}`;
}

export function toNotificationWorkflowId(notificationId: string): string {
  return `notify-${notificationId}`;
}

/** Where people watch a run: its page in the Temporal UI. */
export function toRunUrl(uiUrl: string, namespace: string, { workflowId, runId }: { readonly workflowId: string; readonly runId: string }): string {
  return `${uiUrl}/namespaces/${namespace}/workflows/${workflowId}/${runId}/history`;
}

/**
 * The name under which everything that one run makes is filed: its start in UTC and the short git-sha, for example
 * `20261124T015500Z-1a2b3c4`. Sorts by time; survives the run's retries.
 */
export function toRunName(startedAt: Date, gitSha: GitSha): string {
  const stamp = startedAt.toISOString().replace(/\.\d+Z$/, 'Z').replaceAll(/[-:]/g, '');
  return `${stamp}-${shortSha(gitSha)}`;
}

/** Raw images: `<label>/<file name>`. */
export function toRawKey(label: string, fileName: string): string {
  return `${label}/${fileName}`;
}

/** Blobs of the `processed` container. Shards are named by their content, so that data sets can share them. */
export const processedKeys = {
  inventory: (runName: string) => `inventories/${runName}.json`,
  /** Of the newest run that came to its end and has used its images so. */
  usedInventory: (use: InventoryUse) => `inventories/used-to-${use}.json`,
  shard: (digest: string) => `shards/${digest}.tar`,
  shardPrefix: 'shards/',
  dataset: (version: string) => `datasets/${version}.json`,
  datasetPrefix: 'datasets/',
  split: (version: string) => `splits/${version}.json`,
  splitPrefix: 'splits/',
} as const;

/** A split is named by the data set and the share of it that is kept for testing, for example `…-1a2b3c4.test-0.2`. */
export function toSplitVersion(datasetVersion: string, testRatio: number): string {
  return `${datasetVersion}.test-${testRatio}`;
}

/** Blobs of the `runs` container: `<run>/…`. */
export const runKeys = {
  /** What became of the run: written at its end. */
  filedRun: (runName: string) => `${runName}/run.json`,
  resizePlan: (runName: string) => `${runName}/resize/plan.json`,
  /** The raw images of one batch. */
  resizeBatch: (runName: string, batch: number) => `${runName}/resize/${toBatchName(batch)}.images.json`,
  /** What became of them: the shard's digest, its samples, and what was refused. */
  resizeOutcome: (runName: string, batch: number) => `${runName}/resize/${toBatchName(batch)}.outcome.json`,
  /** Every refused image with its reason, when they are too many to go on. */
  refused: (runName: string) => `${runName}/resize/refused.json`,
  spec: (runName: string) => `${runName}/training/spec.json`,
  checkpoint: (runName: string) => `${runName}/training/checkpoint.bin`,
  metrics: (runName: string) => `${runName}/training/metrics.jsonl`,
  log: (runName: string) => `${runName}/training/train.log`,
  /** What the program said, for those who follow it from afar. */
  events: (runName: string) => `${runName}/training/events.jsonl`,
  curves: (runName: string) => `${runName}/training/curves.svg`,
  tensorboard: (runName: string, fileName: string) => `${runName}/training/tensorboard/${fileName}`,
  result: (runName: string) => `${runName}/training/result.json`,
  /** What the training was begun with. */
  trainingInputs: (runName: string) => `${runName}/training/inputs.json`,
  buildLog: (runName: string, image: ContainerImage) => `${runName}/images/${image}.log`,
  /** What ran in the cluster before the run's rollout, to be restored. */
  beforeRollout: (runName: string) => `${runName}/rollout/before.json`,
  candidate: (runName: string, fileName: string) => `${runName}/candidate/${fileName}`,
  /** Pictures of its report, for those who look at it elsewhere. */
  reportPicture: (runName: string, fileName: string) => `${runName}/report/${fileName}`,
} as const;

/** What earlier runs' steps made of which inputs; beside the runs' folders. Deleting it only costs time. */
export const cacheKeys = {
  prefix: 'cache/',
  step: (step: string, inputsDigest: string) => `cache/${step}/${inputsDigest}.json`,
} as const;

/** Blobs of the `access` container: who may call the API. */
export const accessKeys = { keys: 'keys.json' } as const;

const API_KEY_USES = 'keys/';

/** Blobs of the `usage` container: what the API notes of its callers. */
export const usageKeys = {
  apiKeyPrefix: API_KEY_USES,
  ofApiKey: (id: string) => `${API_KEY_USES}${id}.json`,
  toApiKeyId: (key: string) => key.slice(API_KEY_USES.length, -'.json'.length),
} as const;

function toBatchName(batch: number): string {
  return String(batch).padStart(5, '0');
}

/** Files of a model, the same in a run's `candidate/` folder and in a registered version. */
export const MODEL_FILES = {
  onnx: 'model.onnx',
  topology: 'model.json',
  weights: 'weights.bin',
  card: 'card.json',
  curves: 'curves.svg',
  confusion: 'confusion.svg',
} as const;

/** Blobs of the `models` container. */
export const modelKeys = {
  versionPrefix: (name: string) => `${name}/versions/`,
  file: (name: string, version: number, fileName: string) => `${name}/versions/${version}/${fileName}`,
  /** Who takes this version number; written before the files. */
  claim: (name: string, version: number) => `${name}/versions/${version}/claim.json`,
  /** Written last: a version without it does not exist for any reader. */
  manifest: (name: string, version: number) => `${name}/versions/${version}/manifest.json`,
  alias: (name: string, alias: ModelAlias) => `${name}/aliases/${alias}.json`,
} as const;

export const MODEL_ALIASES = ['latest', 'previous'] as const;
export type ModelAlias = (typeof MODEL_ALIASES)[number];
