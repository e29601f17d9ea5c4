import type { Answer } from './answers.ts';
import { Refusal } from './answers.ts';
import type { JobProperties, JobQueue, QueuedJob } from './job-queue.ts';
import { toSeconds } from './job-queue.ts';
import type { LongOperations } from './long-operations.ts';
import type { NodePool } from './node-pool.ts';
import { createNodePool } from './node-pool.ts';
import type { OperationName } from './operations.ts';

export interface WorkspaceOptions {
  readonly name: string;
  readonly region: string;
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  /** `/subscriptions/…/workspaces/<name>` */
  readonly id: string;
  readonly secondMs: number;
  readonly jobs: JobQueue;
  readonly operations: LongOperations;
  /** Nodes that the subscription's quota allows. */
  readonly quota: () => number;
  readonly onNodes: (nodes: number) => void;
}

type Json = Readonly<Record<string, unknown>>;

/** What lies in the workspace, and how it answers to requests that keep the contract. */
export interface WorkspaceState {
  /** @throws Refusal */
  handle(operation: OperationName, names: readonly string[], body: Json): Answer;
  /** Names with versions, by kind. */
  list(kind: AssetKind): string[];
  readAsset(kind: AssetKind, key: string): Json | undefined;
  writeCompute(name: string, body: Json): void;
  stop(): void;
}

export type AssetKind = 'environments' | 'datastores' | 'data' | 'models';

interface Compute {
  readonly body: Json;
  readonly pool: NodePool;
  readonly readyAt: number;
}

interface ComputeBody {
  readonly identity?: { readonly type: string; readonly userAssignedIdentities?: Json };
  readonly properties: { readonly computeType: string; readonly properties: { readonly vmSize: string; readonly scaleSettings: { readonly minNodeCount?: number; readonly maxNodeCount: number; readonly nodeIdleTimeBeforeScaleDown: string } } };
}

const BOOT_SECONDS = 20;
const CREATION_SECONDS = 4;
/** Ids of identities, which the service makes up. */
const PRINCIPAL_ID = '11111111-2222-3333-4444-555555555555';
const CLIENT_ID = '99999999-8888-7777-6666-555555555555';

export function createWorkspaceState(options: WorkspaceOptions): WorkspaceState {
  const { id, jobs, operations, secondMs } = options;
  const assets: Record<AssetKind, Map<string, Json>> = { environments: new Map(), datastores: new Map(), data: new Map(), models: new Map() };
  const computes = new Map<string, Compute>();

  function read(kind: AssetKind, names: readonly string[]): Answer {
    const key = names.join(':');
    const found = assets[kind].get(key);
    if (found === undefined) throw new Refusal(404, 'UserError', `Not found: ${kind}/${key}.`);
    return { status: 200, body: { id: `${id}/${kind}/${names.join('/versions/')}`, name: names.at(-1), type: `Microsoft.MachineLearningServices/workspaces/${kind}`, ...found } };
  }

  /** Assets' contents can't be changed; their tags and descriptions can. */
  function write(kind: AssetKind, names: readonly string[], body: Json): Answer {
    const key = names.join(':');
    const earlier = assets[kind].get(key);
    if (earlier !== undefined && toContent(earlier) !== toContent(body)) throw new Refusal(409, 'UserError', `${kind}/${key} exists and can't be changed.`);
    assets[kind].set(key, body);
    return { ...read(kind, names), status: earlier === undefined ? 201 : 200 };
  }

  function needDatastore(uri: unknown): void {
    const [, workspace, datastore] = /^azureml:\/\/(subscriptions\/[^/]+\/resourcegroups\/[^/]+\/workspaces\/[^/]+)\/datastores\/([^/]+)\/paths\/.+/i.exec(String(uri)) ?? [];
    const own = id.replace('/providers/Microsoft.MachineLearningServices', '').slice(1);
    if (workspace?.toLowerCase() !== own.toLowerCase()) throw new Refusal(400, 'UserError', `${String(uri)} is no path of this workspace.`);
    if (!assets.datastores.has(datastore!)) throw new Refusal(400, 'UserError', `There is no datastore ${String(datastore)}.`);
  }

  function readCompute(name: string): Answer {
    const compute = computes.get(name);
    if (compute === undefined) throw new Refusal(404, 'ResourceNotFound', `There is no compute ${name}.`);
    const { body, pool, readyAt } = compute;
    const { properties, identity, ...rest } = body as unknown as ComputeBody & Json;
    const { preparing, idle, running, preempted } = pool.counts();
    const state = {
      allocationState: preparing > 0 ? 'Resizing' : 'Steady',
      currentNodeCount: preparing + idle + running,
      targetNodeCount: preparing + idle + running,
      nodeStateCounts: { preparingNodeCount: preparing, idleNodeCount: idle, runningNodeCount: running, preemptedNodeCount: preempted, leavingNodeCount: 0, unusableNodeCount: 0 },
      errors: pool.isShort() ? [{ error: { code: 'ClusterCoreQuotaReached', message: 'Operation results in exceeding quota limits of core.' } }] : [],
    };
    return {
      status: 200,
      body: {
        id: `${id}/computes/${name}`,
        name,
        type: 'Microsoft.MachineLearningServices/workspaces/computes',
        ...rest,
        ...(identity === undefined ? {} : { identity: toIdentity(identity) }),
        properties: { ...properties, provisioningState: Date.now() < readyAt ? 'Creating' : 'Succeeded', properties: { ...properties.properties, ...state } },
      },
    };
  }

  function addCompute(name: string, body: Json, readyAt: number): void {
    const { scaleSettings } = (body as unknown as ComputeBody).properties.properties;
    const pool = createNodePool({
      least: scaleSettings.minNodeCount ?? 0,
      most: scaleSettings.maxNodeCount,
      quota: options.quota,
      bootMs: BOOT_SECONDS * secondMs,
      idleMs: toSeconds(scaleSettings.nodeIdleTimeBeforeScaleDown) * secondMs,
      onSize: options.onNodes,
    });
    computes.set(name, { body, pool, readyAt });
  }

  function writeCompute(name: string, body: Json): Answer {
    const earlier = computes.get(name);
    if (earlier !== undefined && Date.now() < earlier.readyAt) throw new Refusal(409, 'Conflict', 'Another operation on this compute is under way.');
    if (earlier !== undefined && JSON.stringify(earlier.body) === JSON.stringify(body)) return readCompute(name);
    if (earlier !== undefined) throw new Refusal(400, 'BadRequest', `The double does not let anybody change the cluster ${name}: nobody should.`);
    if (body['location'] !== options.region) throw new Refusal(400, 'BadRequest', `The workspace is in ${options.region}.`);
    const readyAt = Date.now() + CREATION_SECONDS * secondMs;
    addCompute(name, body, readyAt);
    const path = operations.begin('computeOperationsStatus', () => (Date.now() < readyAt ? null : { status: 'Succeeded' }));
    return { ...readCompute(name), status: 201, headers: { 'Azure-AsyncOperation': `${options.url}${path}?api-version=2022-10-01&service=new`, 'Retry-After': '0' } };
  }

  function toJobAnswer({ name, properties, status, createdAt }: QueuedJob, httpStatus = 200): Answer {
    const services = {
      Tracking: { jobServiceType: 'Tracking', endpoint: `azureml://${new URL(options.url).host}/mlflow/v1.0${id}?` },
      Studio: { jobServiceType: 'Studio', endpoint: `https://ml.azure.com/runs/${name}?wsid=${id}` },
    };
    return {
      status: httpStatus,
      body: {
        id: `${id}/jobs/${name}`,
        name,
        type: 'Microsoft.MachineLearningServices/workspaces/jobs',
        properties: { ...properties, status, services },
        systemData: { createdAt: createdAt.toISOString(), createdBy: 'a service principal', createdByType: 'Application' },
      },
    };
  }

  function writeJob(name: string, body: Json): Answer {
    const properties = body['properties'] as JobProperties;
    const earlier = jobs.find(name);
    if (earlier !== undefined) {
      if (toContent({ properties: earlier.properties }) === toContent(body)) return toJobAnswer(earlier);
      throw new Refusal(400, 'UserError', 'A job with this name already exists. Only description, tags, displayName, properties, and isArchived can be updated.');
    }
    const [, cluster] = new RegExp(`^${id}/computes/([^/]+)$`, 'i').exec(properties.computeId) ?? [];
    const compute = computes.get(cluster ?? '');
    if (compute === undefined) throw new Refusal(400, 'UserError', `There is no compute ${properties.computeId}.`);
    const [, environment, version] = new RegExp(`^${id}/environments/([^/]+)/versions/([^/]+)$`, 'i').exec(properties.environmentId) ?? [];
    if (!assets.environments.has(`${environment}:${version}`)) throw new Refusal(400, 'UserError', `There is no environment ${properties.environmentId}.`);
    jobs.submit(name, properties, compute.pool);
    return toJobAnswer(jobs.find(name)!, 201);
  }

  function readJob(name: string): QueuedJob {
    const job = jobs.find(name);
    if (job === undefined) throw new Refusal(404, 'UserError', `There is no job ${name}.`);
    return job;
  }

  function cancelJob(name: string): Answer {
    const { status } = readJob(name);
    if (status === 'Completed' || status === 'Failed' || status === 'Canceled') throw new Refusal(400, 'UserError', `The job is ${status}.`);
    jobs.cancel(name);
    const path = operations.begin('mfeOperationResults', () => (readJob(name).status === 'CancelRequested' ? null : { status: 'Succeeded' }));
    return { status: 202, headers: { Location: `${options.url}${path}?api-version=2022-10-01`, 'Retry-After': '0' } };
  }

  return {
    handle(operation, names, body) {
      const [name = '', version = ''] = names;
      const uris = body['properties'] as { dataUri?: unknown; modelUri?: unknown } | undefined;
      switch (operation) {
        case 'readWorkspace':
          return { status: 200, body: { id, name: options.name, location: options.region, type: 'Microsoft.MachineLearningServices/workspaces', properties: {} } };
        case 'readCompute':
          return readCompute(name);
        case 'writeCompute':
          return writeCompute(name, body);
        case 'readEnvironment':
          return read('environments', names);
        case 'writeEnvironment':
          return write('environments', names, body);
        case 'readDatastore':
          return read('datastores', names);
        case 'writeDatastore':
          return write('datastores', names, body);
        case 'readData':
          return read('data', names);
        case 'writeData':
          needDatastore(uris?.dataUri);
          return write('data', [name, version], body);
        case 'readModel':
          return read('models', names);
        case 'writeModel':
          needDatastore(uris?.modelUri);
          return write('models', [name, version], body);
        case 'readJob':
          return toJobAnswer(readJob(name));
        case 'writeJob':
          return writeJob(name, body);
        case 'cancelJob':
          return cancelJob(name);
      }
    },
    list: (kind) => [...assets[kind].keys()].sort(),
    readAsset: (kind, key) => assets[kind].get(key),
    writeCompute: (name, body) => { addCompute(name, body, 0); },
    stop() {
      for (const { pool } of computes.values()) pool.stop();
    },
  };
}

/** What of a resource may not change once it is there. */
function toContent({ properties }: Json): string {
  const fixed = Object.entries(properties as Json).filter(([key]) => !['tags', 'description', 'displayName', 'properties', 'isArchived', 'status', 'services'].includes(key));
  return JSON.stringify(fixed.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function toIdentity({ type, userAssignedIdentities = {} }: NonNullable<ComputeBody['identity']>) {
  const users = Object.fromEntries(Object.keys(userAssignedIdentities).map((each) => [each, { principalId: PRINCIPAL_ID, clientId: CLIENT_ID }]));
  return type === 'SystemAssigned' ? { type, principalId: PRINCIPAL_ID, tenantId: PRINCIPAL_ID } : { type, userAssignedIdentities: users };
}
