import { z } from 'zod';
import { Failure } from '../domain/failure.ts';
import type { ImageConfig } from './images.ts';
import type { Given } from './setting.ts';
import { amount, count, httpUrl } from './setting.ts';
import type { storageSettings } from './storage.ts';

/** The Azure ML workspace and the cluster in it that `--compute azure-ml` trains on. */
export const azureMlSettings = {
  /** Id of the subscription. */
  BAROMETER_AZURE_SUBSCRIPTION: z.guid('give the id of the subscription, as `az account show` prints it').optional(),
  BAROMETER_AZURE_RESOURCE_GROUP: z.string().max(90).optional(),
  BAROMETER_AZURE_ML_WORKSPACE: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}$/, 'give the name of the workspace alone').optional(),
  /** Made when it is not there; used as it is when it is. */
  BAROMETER_AZURE_ML_CLUSTER: z
    .string()
    .regex(/^[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9-]{2,23}$/, 'give 3 to 24 letters, digits and dashes, not ending in a dash and digits')
    .default('barometer-cpu'),
  BAROMETER_AZURE_ML_VM_SIZE: z.string().regex(/^\w+$/, 'give a size like Standard_F4s_v2').default('Standard_F4s_v2'),
  BAROMETER_AZURE_ML_MAX_NODES: count(4),
  /** A node with nothing to do is given back after this time. */
  BAROMETER_AZURE_ML_IDLE_SECONDS: count(600),
  /** Nodes at a fifth of the price, which Azure may take back at any time; a training goes on from its last checkpoint. */
  BAROMETER_AZURE_ML_LOW_PRIORITY: z.stringbool().default(false),
  /** Resource id of a user-assigned identity that a new cluster gets; one of the cluster's own when not given. */
  BAROMETER_AZURE_ML_IDENTITY: z.string().startsWith('/subscriptions/', 'give the resource id of the identity, which begins with /subscriptions/').optional(),
  /** A training that runs longer is ended. */
  BAROMETER_AZURE_ML_JOB_HOURS: amount(12),
  /** A training that has got no node by then is given up. */
  BAROMETER_AZURE_ML_QUEUE_HOURS: amount(6),
  BAROMETER_AZURE_ML_POLL_SECONDS: amount(10),
  /** Azure Resource Manager; another one for sovereign clouds. */
  BAROMETER_AZURE_ML_ENDPOINT: httpUrl.refine((url) => url.startsWith('https:'), 'give a URL that begins with https://').default('https://management.azure.com'),
};

/** Everything that a job in the workspace needs. */
export interface AzureMlSettings {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly workspace: string;
  readonly cluster: string;
  readonly vmSize: string;
  readonly maxNodes: number;
  readonly idleSeconds: number;
  readonly lowPriority: boolean;
  /** Resource id of a user-assigned identity; null: the cluster has one of its own. */
  readonly identityId: string | null;
  readonly jobTimeoutMs: number;
  readonly queueTimeoutMs: number;
  readonly pollMs: number;
  readonly endpoint: string;
  /** `https://<account>.blob.core.windows.net`: jobs sign in to it with the cluster's identity. */
  readonly storageAccountUrl: string;
  /** Where the trainer image lies, `<registry>/<path>`. */
  readonly imageRepository: string;
}

/** As far as it was given; nothing of it is needed where only this machine trains. */
export type AzureMlConfig = Omit<AzureMlSettings, 'subscriptionId' | 'resourceGroup' | 'workspace' | 'storageAccountUrl' | 'imageRepository'> & {
  readonly subscriptionId: string | null;
  readonly resourceGroup: string | null;
  readonly workspace: string | null;
  readonly storageAccountUrl: string | null;
};

export function toAzureMlConfig(given: Given<typeof azureMlSettings & Pick<typeof storageSettings, 'BAROMETER_STORAGE_ACCOUNT_URL'>>): AzureMlConfig {
  return {
    subscriptionId: given.BAROMETER_AZURE_SUBSCRIPTION ?? null,
    resourceGroup: given.BAROMETER_AZURE_RESOURCE_GROUP ?? null,
    workspace: given.BAROMETER_AZURE_ML_WORKSPACE ?? null,
    cluster: given.BAROMETER_AZURE_ML_CLUSTER,
    vmSize: given.BAROMETER_AZURE_ML_VM_SIZE,
    maxNodes: given.BAROMETER_AZURE_ML_MAX_NODES,
    idleSeconds: given.BAROMETER_AZURE_ML_IDLE_SECONDS,
    lowPriority: given.BAROMETER_AZURE_ML_LOW_PRIORITY,
    identityId: given.BAROMETER_AZURE_ML_IDENTITY ?? null,
    jobTimeoutMs: given.BAROMETER_AZURE_ML_JOB_HOURS * 3_600_000,
    queueTimeoutMs: given.BAROMETER_AZURE_ML_QUEUE_HOURS * 3_600_000,
    pollMs: given.BAROMETER_AZURE_ML_POLL_SECONDS * 1000,
    endpoint: given.BAROMETER_AZURE_ML_ENDPOINT,
    // Also beside a connection string, which this process may use for itself: a job is never given a key.
    storageAccountUrl: given.BAROMETER_STORAGE_ACCOUNT_URL ?? null,
  };
}

interface Configured {
  readonly azureMl: AzureMlConfig;
  readonly images: Pick<ImageConfig, 'repository'>;
}

/** `https://<account>.blob.core.windows.net`, in whichever cloud. */
const ACCOUNT_URL = /^https:\/\/[a-z0-9]{3,24}\.blob\.[a-z0-9.]+$/;

/** What must be set before anything can be trained in Azure ML, all at once; null when everything is. */
export function whyNotAzureMl({ azureMl, images }: Configured): string | null {
  const required = {
    BAROMETER_AZURE_SUBSCRIPTION: azureMl.subscriptionId,
    BAROMETER_AZURE_RESOURCE_GROUP: azureMl.resourceGroup,
    BAROMETER_AZURE_ML_WORKSPACE: azureMl.workspace,
    BAROMETER_STORAGE_ACCOUNT_URL: azureMl.storageAccountUrl,
    BAROMETER_IMAGE_REPOSITORY: images.repository,
  };
  const missing = Object.entries(required).flatMap(([name, value]) => (value === null ? [name] : []));
  const reasons = missing.length === 0 ? [] : [`set ${missing.join(', ')} for the workers`];
  const { storageAccountUrl } = azureMl;
  if (storageAccountUrl !== null && !ACCOUNT_URL.test(storageAccountUrl)) reasons.push('let BAROMETER_STORAGE_ACCOUNT_URL be https://<account>.blob.core.windows.net, which jobs can reach');
  return reasons.length === 0 ? null : `To train in Azure ML, ${reasons.join('; ')} (docs/operations.md).`;
}

/** @throws Failure `configuration-invalid` naming every setting that is missing or can't be right */
export function toAzureMlSettings(config: Configured): AzureMlSettings {
  const why = whyNotAzureMl(config);
  if (why !== null) throw new Failure('configuration-invalid', why);
  return { ...config.azureMl, imageRepository: config.images.repository } as AzureMlSettings;
}
