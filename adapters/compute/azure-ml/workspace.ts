import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import type { TokenCredential } from '@azure/identity';
import type { AzureMlSettings } from '../../../config/azure-ml.ts';
import { Failure, isFailure } from '../../../domain/failure.ts';
import type { AzureMlRequest } from './azure-ml-failure.ts';
import { ROLES, toFailure } from './azure-ml-failure.ts';

/** One workspace, and the vendor's client of it. */
export interface Workspace {
  readonly api: AzureMachineLearningWorkspaces;
  /** Resource group and workspace: the first arguments of every operation. */
  readonly scope: readonly [string, string];
  /** Resource id of something in the workspace: `computes/barometer-cpu`. */
  toId(path: string): string;
  /** URI of a path in a datastore. */
  toDataUri(datastore: string, path: string): string;
  /** @throws Failure for whatever the service answers */
  call<T>(request: AzureMlRequest, send: Send<T>): Promise<T>;
  /** Null when there is no such thing. @throws Failure for whatever else the service answers */
  find<T>(request: AzureMlRequest, send: Send<T>): Promise<T | null>;
  /** What is there, or else what is made; somebody else may make it at the same moment. @throws Failure for whatever the service answers */
  ensure<T>(request: AzureMlRequest, find: Send<T>, create: Send<T>): Promise<T>;
  /**
   * The region that it is in.
   *
   * @throws Failure `configuration-invalid` when there is no such workspace
   */
  readLocation(): Promise<string>;
}

export interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/** One operation of the vendor's client. */
export type Send<T> = (options: CallOptions) => Promise<T>;

export interface WorkspaceOptions {
  readonly settings: Pick<AzureMlSettings, 'subscriptionId' | 'resourceGroup' | 'workspace' | 'endpoint'>;
  readonly credential: TokenCredential;
}

/** Limit of one request, the waits between its tries included. */
const REQUEST_TIMEOUT_MS = 120_000;

/**
 * The SDK sends a request again after a broken connection or a 5xx, and after a 429 when `Retry-After` says; longer
 * outages are for whoever called, who can also heartbeat.
 */
const RETRIES = { maxRetries: 4, retryDelayInMs: 500, maxRetryDelayInMs: 8_000 } as const;

export function createWorkspace({ settings, credential }: WorkspaceOptions): Workspace {
  const { subscriptionId, resourceGroup, workspace, endpoint } = settings;
  const api = new AzureMachineLearningWorkspaces(credential, subscriptionId, {
    endpoint,
    // Paths of operations begin with it.
    $host: endpoint,
    credentialScopes: `${endpoint}/.default`,
    retryOptions: RETRIES,
  });
  const scope = [resourceGroup, workspace] as const;

  async function call<T>(request: AzureMlRequest, send: Send<T>): Promise<T> {
    try {
      return await send({ abortSignal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    } catch (error) {
      throw toFailure(error, request);
    }
  }

  async function find<T>(request: AzureMlRequest, send: Send<T>): Promise<T | null> {
    try {
      return await call(request, send);
    } catch (error) {
      if (isFailure(error, 'not-found')) return null;
      throw error;
    }
  }

  return {
    api,
    scope,
    toId: (path) => `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/${workspace}/${path}`,
    toDataUri: (datastore, path) => `azureml://subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/workspaces/${workspace}/datastores/${datastore}/paths/${path}`,
    call,
    find,
    async ensure(request, search, create) {
      const found = await find(request, search);
      if (found !== null) return found;
      try {
        return await call(request, create);
      } catch (error) {
        const faster = isFailure(error, 'write-conflict') ? await find(request, search) : null;
        if (faster !== null) return faster;
        throw error;
      }
    },
    async readLocation() {
      const found = await find({ what: `the workspace ${workspace}`, role: ROLES.work }, (options) => api.workspaces.get(...scope, options));
      if (found?.location !== undefined) return found.location;
      const advice = 'Check BAROMETER_AZURE_SUBSCRIPTION, BAROMETER_AZURE_RESOURCE_GROUP and BAROMETER_AZURE_ML_WORKSPACE.';
      throw new Failure('configuration-invalid', `There is no workspace ${workspace} in the resource group ${resourceGroup}. ${advice}`);
    },
  };
}
