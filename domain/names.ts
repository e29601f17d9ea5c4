import type { ContainerImage } from './container-image.ts';
import type { GitSha } from './git-sha.ts';
import { shortSha } from './git-sha.ts';
import type { ComputeKind } from './compute.ts';
import type { InventoryUse } from './used-inventory.ts';

/**
 * The only place where names that outside systems see are composed: containers, blob keys, workflow ids, task
 * queues. (Image references are in `container-image.ts`.)
 */

/**
 * Containers of the storage account. People upload to `raw`; the program writes to the others only. What the API may write lies apart
 * from what it may only read: whoever gets hold of it can make itself no key, and turn no venue's alerts to another address.
 */
export const CONTAINERS = {
  raw: 'emotions',
  processed: 'processed',
  models: 'models',
  runs: 'runs',
  access: 'access',
  usage: 'usage',
  /** What operators say of their venues, and the alerts that were sent. */
  venues: 'venues',
  /** Counts and means of what the cameras see, from one API process to the others. */
  moods: 'moods',
} as const;
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

/** The workflow type of a venue's alert. */
export const MOOD_ALERT_WORKFLOW = 'moodAlert';

/** A rule has at most one alert at a time: until it has cooled down, whoever sees it come true again joins this one. */
export function toMoodAlertWorkflowId(venue: string, rule: string): string {
  return `mood-alert:${venue}:${rule}`;
}

/** The same at every attempt to send it. */
export function toMoodAlertId(venue: string, rule: string, at: string): string {
  return `${venue}:${rule}:${at}`;
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
  return `${toStamp(startedAt)}-${shortSha(gitSha)}`;
}

/** To the second, in UTC. */
function toStamp(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z').replaceAll(/[-:]/g, '');
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
  /** A list of raw images to leave out, by the sha256 of its content. */
  exclusions: (digest: string) => `exclusions/${digest}.json`,
} as const;

/** A split is named by the data set and the share of it that is kept for testing, for example `…-1a2b3c4.test-0.2`, and by the list of what it leaves out. */
export function toSplitVersion(datasetVersion: string, testRatio: number, exclusions: string | null = null): string {
  return `${datasetVersion}.test-${testRatio}${exclusions === null ? '' : `.without-${exclusions.slice(0, 7)}`}`;
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
  /** What networks of a cross-validation answered to the part that they never saw. */
  fold: (digest: string) => `cache/cross-validation/${digest}.json`,
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

const VENUE_DOCUMENTS = 'documents/';

/** Blobs of the `venues` container. */
export const venueKeys = {
  documentPrefix: VENUE_DOCUMENTS,
  document: (venue: string) => `${VENUE_DOCUMENTS}${venue}.json`,
  toVenueId: (key: string) => key.slice(VENUE_DOCUMENTS.length, -'.json'.length),
  alertPrefix: (venue: string) => `alerts/${venue}/`,
  /** By the time in milliseconds since 1970, which has as many digits until the year 2286: names sort by it. */
  alert: (venue: string, at: string, rule: string) => `alerts/${venue}/${Date.parse(at)}-${rule}.json`,
} as const;

const MOOD_STEPS = 'steps/';

/** Blobs of the `moods` container, in the order of time: what each API process has seen in a step that began at `step`, in milliseconds since 1970. */
export const moodKeys = {
  prefix: MOOD_STEPS,
  stepPrefix: (step: number) => `${MOOD_STEPS}${toStamp(new Date(step))}/`,
  seen: (step: number, processId: string) => `${MOOD_STEPS}${toStamp(new Date(step))}/${processId}.json`,
  /** Null for what was not named so. */
  parse(key: string): { readonly step: number; readonly processId: string } | null {
    const named = /^steps\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\/([\w-]+)\.json$/.exec(key);
    if (named === null) return null;
    const [, year, month, day, hour, minute, second, processId] = named;
    return { step: Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`), processId: processId! };
  },
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
  reliability: 'reliability.svg',
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
