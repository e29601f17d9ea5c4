import type { AzureBlobDatastore } from '@azure/arm-machinelearning';
import type { AzureMlSettings } from '../../../config/azure-ml.ts';
import { toImageReference } from '../../../domain/container-image.ts';
import type { DatasetManifest, SplitManifest } from '../../../domain/dataset.ts';
import { EMOTIONS } from '../../../domain/emotion.ts';
import { Failure } from '../../../domain/failure.ts';
import type { GitSha } from '../../../domain/git-sha.ts';
import type { Container } from '../../../domain/names.ts';
import { CONTAINERS, processedKeys } from '../../../domain/names.ts';
import { toTotal } from '../../../domain/wording.ts';
import { ROLES } from './azure-ml-failure.ts';
import { ENVIRONMENT_NAME, toAssetVersion, toDatastoreName, toEnvironmentVersion } from './names.ts';
import type { Send, Workspace } from './workspace.ts';

/** What lies in the workspace beside jobs. Everything is made where it is missing, and never changed. */
export interface WorkspaceAssets {
  /** The environment of a commit's trainer image. Returns its resource id. */
  ensureEnvironment(gitSha: GitSha): Promise<string>;
  /**
   * The datastore of a container of the storage account. Returns its name.
   *
   * @throws Failure `configuration-invalid` when one of that name lies in another account
   */
  ensureDatastore(container: Container): Promise<string>;
  /** A data asset for each raw label folder, the processed data set, and either side of its split. */
  ensureData(dataset: DatasetManifest, split: SplitManifest): Promise<void>;
}

interface DataAsset {
  readonly name: string;
  readonly version: string;
  readonly container: Container;
  readonly path: string;
  readonly isFolder: boolean;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
}

export function createAssets(workspace: Workspace, settings: Pick<AzureMlSettings, 'imageRepository' | 'storageAccountUrl'>): WorkspaceAssets {
  const { api, scope } = workspace;

  function ensure<T>(what: string, find: Send<T>, create: Send<T>): Promise<T> {
    return workspace.ensure({ what, role: ROLES.work }, find, create);
  }

  async function ensureDatastore(container: Container): Promise<string> {
    const name = toDatastoreName(container);
    const wanted = toDatastore(settings.storageAccountUrl, container);
    const found = await ensure(
      `the datastore ${name}`,
      (options) => api.datastores.get(...scope, name, options),
      // It holds no credentials to check: whoever uses it signs in as himself.
      (options) => api.datastores.createOrUpdate(...scope, name, { properties: wanted }, { ...options, skipValidation: true }),
    );
    const { accountName, containerName } = (found as { properties: AzureBlobDatastore }).properties;
    if (accountName === wanted.accountName && containerName === container) return name;
    throw new Failure('configuration-invalid', `The datastore ${name} of the workspace lies in the storage account ${accountName}, not in ${wanted.accountName}: delete it there, or correct BAROMETER_STORAGE_ACCOUNT_URL.`);
  }

  async function ensureDataAsset({ name, version, container, path, isFolder, description, tags }: DataAsset, datastore: string): Promise<void> {
    const dataUri = workspace.toDataUri(datastore, path);
    await ensure(
      `the data asset ${name}:${version} (${container}/${path})`,
      (options) => api.dataVersions.get(...scope, name, version, options),
      (options) => api.dataVersions.createOrUpdate(...scope, name, version, { properties: { dataType: isFolder ? 'uri_folder' : 'uri_file', dataUri, description, tags } }, options),
    );
  }

  return {
    ensureDatastore,

    async ensureEnvironment(gitSha) {
      const image = toImageReference(settings.imageRepository, 'trainer', gitSha);
      const version = toEnvironmentVersion(gitSha, image);
      await ensure(
        `the environment ${ENVIRONMENT_NAME}:${version}`,
        (options) => api.environmentVersions.get(...scope, ENVIRONMENT_NAME, version, options),
        (options) => api.environmentVersions.createOrUpdate(...scope, ENVIRONMENT_NAME, version, { properties: { image, osType: 'Linux', tags: { 'git-sha': gitSha } } }, options),
      );
      return workspace.toId(`environments/${ENVIRONMENT_NAME}/versions/${version}`);
    },

    async ensureData(dataset, split) {
      const [raw, processed] = await Promise.all([ensureDatastore(CONTAINERS.raw), ensureDatastore(CONTAINERS.processed)]);
      const assets = [...toRawAssets(dataset), toDatasetAsset(dataset), ...toSplitAssets(split)];
      await Promise.all(assets.map((asset) => ensureDataAsset(asset, asset.container === CONTAINERS.raw ? raw : processed)));
    },
  };
}

/** `https://<account>.blob.<suffix>` */
function toDatastore(storageAccountUrl: string, container: Container): AzureBlobDatastore {
  const { protocol, hostname } = new URL(storageAccountUrl);
  const [accountName = '', , ...suffix] = hostname.split('.');
  return {
    datastoreType: 'AzureBlob',
    accountName,
    containerName: container,
    endpoint: suffix.join('.'),
    protocol: protocol.replace(':', ''),
    credentials: { credentialsType: 'None' },
    description: `The container ${container} of Barometer`,
  };
}

function toRawAssets({ version, gitSha, runName }: DatasetManifest): DataAsset[] {
  return EMOTIONS.map((label) => ({
    name: `barometer-raw-${label}`,
    version: toAssetVersion(version),
    container: CONTAINERS.raw,
    path: `${label}/`,
    isFolder: true,
    description: `Raw images of ${label} faces, as they lay there for data set ${version}`,
    tags: { 'git-sha': gitSha, run: runName, label, 'dataset-version': version },
  }));
}

function toDatasetAsset({ version, gitSha, runName, counts }: DatasetManifest): DataAsset {
  return {
    name: 'barometer-processed',
    version: toAssetVersion(version),
    container: CONTAINERS.processed,
    path: processedKeys.dataset(version),
    isFolder: false,
    description: 'Manifest of the 48x48 images: their shards, and where each came from',
    tags: { 'git-sha': gitSha, run: runName, 'dataset-version': version, images: String(toTotal(counts)) },
  };
}

function toSplitAssets({ version, datasetVersion, gitSha, runName, testRatio, counts }: SplitManifest): DataAsset[] {
  return (['train', 'test'] as const).map((side) => ({
    name: `barometer-${side}`,
    version: toAssetVersion(version),
    container: CONTAINERS.processed,
    path: processedKeys.split(version),
    isFolder: false,
    description: `Manifest of the split; "${side}" lists this side's images`,
    tags: {
      'git-sha': gitSha,
      run: runName,
      side,
      'dataset-version': datasetVersion,
      'split-version': version,
      'test-ratio': String(testRatio),
      images: String(toTotal(counts[side])),
    },
  }));
}
