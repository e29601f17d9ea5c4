import { setTimeout as wait } from 'node:timers/promises';
import type { AmlCompute, ComputeResource } from '@azure/arm-machinelearning';
import type { AzureMlSettings } from '../../../config/azure-ml.ts';
import { Failure, isFailure } from '../../../domain/failure.ts';
import { isQuotaError, ROLES } from './azure-ml-failure.ts';
import type { Workspace } from './workspace.ts';

export interface Cluster {
  /**
   * Makes the cluster where there is none. One that is there is used as it is.
   *
   * @throws Failure `configuration-invalid` when it is none that jobs can run on, `capacity-missing` when the quota allows none
   */
  ensure(options: EnsureClusterOptions): Promise<ClusterIdentity>;
  readNodes(): Promise<ClusterNodes>;
}

export interface EnsureClusterOptions {
  readonly location: string;
  /** Gets what a person should know of the cluster, in one sentence. */
  readonly say: (message: string) => void;
  readonly signal: AbortSignal;
}

/** As whom jobs on the cluster sign in. */
export interface ClusterIdentity {
  /** Null: the cluster's own identity, which needs no naming. */
  readonly clientId: string | null;
}

export interface ClusterNodes {
  readonly most: number;
  /** Working or ready to. */
  readonly up: number;
  readonly starting: number;
  /** The cluster wants to grow, and the quota does not let it. */
  readonly isOverQuota: boolean;
}

/** Azure makes a cluster in seconds, its nodes only with the first job. */
const PROVISIONING_LIMIT_MS = 600_000;

export function createCluster(workspace: Workspace, settings: AzureMlSettings): Cluster {
  const name = settings.cluster;
  const { api, scope } = workspace;
  const what = `the cluster ${name}`;

  const find = () => workspace.find({ what, role: ROLES.work }, (options) => api.computeOperations.get(...scope, name, options));

  async function create(location: string): Promise<void> {
    try {
      await workspace.call({ what, role: ROLES.cluster }, (options) => api.computeOperations.beginCreateOrUpdate(...scope, name, toComputeResource(settings, location), options));
    } catch (error) {
      // Another candidate of the run was faster.
      if (!isFailure(error, 'write-conflict')) throw error;
    }
  }

  /** Waits until somebody's creation of the cluster has ended, well or not. */
  async function waitUntilProvisioned(signal: AbortSignal): Promise<ComputeResource> {
    const deadline = Date.now() + PROVISIONING_LIMIT_MS;
    for (;;) {
      const found = await find();
      const state = found?.properties?.provisioningState;
      if (found !== null && state === 'Succeeded') return found;
      if (state === 'Failed' || state === 'Canceled') throw toProvisioningFailure(what, settings, found?.properties?.provisioningErrors);
      if (Date.now() > deadline) throw new Failure('dependency-unavailable', `Azure ML did not finish ${what} in time.`);
      await wait(settings.pollMs, undefined, { signal });
    }
  }

  return {
    async ensure({ location, say, signal }) {
      const isNew = (await find()) === null;
      if (isNew) await create(location);
      const resource = await waitUntilProvisioned(signal);
      const compute = resource.properties;
      if (!isAmlCompute(compute)) {
        throw new Failure('configuration-invalid', `${name} in the workspace is a ${compute?.computeType ?? 'compute without a type'}, no cluster of nodes: choose another BAROMETER_AZURE_ML_CLUSTER.`);
      }
      if (isNew) say(toCreationNote(resource, settings));
      const difference = toDifference(compute, settings);
      if (difference !== null) say(difference);
      return toIdentity(resource, settings);
    },

    async readNodes() {
      const compute = (await find())?.properties;
      const properties = isAmlCompute(compute) ? compute.properties : undefined;
      const { idleNodeCount = 0, runningNodeCount = 0, preparingNodeCount = 0 } = properties?.nodeStateCounts ?? {};
      return {
        most: properties?.scaleSettings?.maxNodeCount ?? settings.maxNodes,
        up: idleNodeCount + runningNodeCount,
        starting: preparingNodeCount,
        isOverQuota: isQuotaError(properties?.errors),
      };
    },
  };
}

function isAmlCompute(compute: ComputeResource['properties']): compute is AmlCompute {
  return compute?.computeType === 'AmlCompute';
}

function toComputeResource({ vmSize, maxNodes, idleSeconds, lowPriority, identityId }: AzureMlSettings, location: string): ComputeResource {
  const properties: AmlCompute = {
    computeType: 'AmlCompute',
    description: 'Trains the networks of Barometer; nobody else needs it.',
    // Nobody logs in to the nodes: what happens there is in the logs.
    disableLocalAuth: true,
    properties: {
      osType: 'Linux',
      vmSize,
      vmPriority: lowPriority ? 'LowPriority' : 'Dedicated',
      scaleSettings: { minNodeCount: 0, maxNodeCount: maxNodes, nodeIdleTimeBeforeScaleDown: `PT${idleSeconds}S` },
      remoteLoginPortPublicAccess: 'Disabled',
    },
  };
  return {
    location,
    identity: identityId === null ? { type: 'SystemAssigned' } : { type: 'UserAssigned', userAssignedIdentities: { [identityId]: {} } },
    properties,
  };
}

function toProvisioningFailure(what: string, { vmSize }: AzureMlSettings, errors: unknown): Failure {
  const options = { cause: errors };
  if (isQuotaError(errors)) {
    return new Failure('capacity-missing', `The quota does not allow ${what} of ${vmSize}. Ask for more vCPUs in the studio under "Quota", or choose another BAROMETER_AZURE_ML_VM_SIZE.`, options);
  }
  return new Failure('configuration-invalid', `Azure ML could not make ${what} of ${vmSize}. Check in the studio that the size is offered in the workspace's region, delete the broken cluster, and start again.`, options);
}

function toCreationNote({ name, identity }: ComputeResource, { vmSize, maxNodes, lowPriority }: AzureMlSettings): string {
  const made = `made the cluster ${name}: 0 to ${maxNodes} nodes of ${vmSize}${lowPriority ? ', low priority' : ''}`;
  if (identity?.principalId === undefined) return made;
  return `${made}; its identity ${identity.principalId} needs the role "Storage Blob Data Contributor" on the storage account`;
}

/** What a person who reads the settings would not expect of the cluster that is there. */
function toDifference({ properties }: AmlCompute, settings: AzureMlSettings): string | null {
  const { vmSize, vmPriority, scaleSettings } = properties ?? {};
  const isLow = vmPriority === 'LowPriority';
  const isAsSet = vmSize?.toLowerCase() === settings.vmSize.toLowerCase() && isLow === settings.lowPriority && scaleSettings?.maxNodeCount === settings.maxNodes;
  if (isAsSet) return null;
  const found = `${scaleSettings?.minNodeCount ?? 0} to ${scaleSettings?.maxNodeCount ?? '?'} nodes of ${vmSize ?? 'unknown size'}${isLow ? ', low priority' : ''}`;
  return `the cluster ${settings.cluster} is used as it is, ${found}, though the settings say otherwise`;
}

function toIdentity({ identity }: ComputeResource, { cluster, identityId }: AzureMlSettings): ClusterIdentity {
  const users = Object.entries(identity?.userAssignedIdentities ?? {});
  const [, user] = users.find(([id]) => id.toLowerCase() === identityId?.toLowerCase()) ?? users[0] ?? [];
  if (user?.clientId !== undefined) return { clientId: user.clientId };
  if (identity?.type.includes('SystemAssigned')) return { clientId: null };
  const advice = 'Give it one in the studio, or choose another BAROMETER_AZURE_ML_CLUSTER, and it is made.';
  throw new Failure('configuration-invalid', `The cluster ${cluster} has no managed identity, so that jobs on it can't sign in to the storage account. ${advice}`);
}
