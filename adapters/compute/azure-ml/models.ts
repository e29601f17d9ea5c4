import type { TokenCredential } from '@azure/identity';
import { DefaultAzureCredential } from '@azure/identity';
import type { AzureMlSettings } from '../../../config/azure-ml.ts';
import type { ModelManifest } from '../../../domain/model.ts';
import { CONTAINERS, modelKeys } from '../../../domain/names.ts';
import { createAssets } from './assets.ts';
import { ROLES } from './azure-ml-failure.ts';
import { createWorkspace } from './workspace.ts';

export interface WorkspaceModelsOptions {
  readonly settings: AzureMlSettings;
  readonly credential?: TokenCredential;
}

/** The models of the workspace, which point at the files of our own registry. */
export function createWorkspaceModels({ settings, credential = new DefaultAzureCredential() }: WorkspaceModelsOptions) {
  const workspace = createWorkspace({ settings, credential });
  const { api, scope } = workspace;
  const { ensureDatastore } = createAssets(workspace, settings);

  return {
    /**
     * Registers a version of ours in the workspace, under the same name and number; nothing happens when it is there.
     *
     * @returns its resource id
     * @throws Failure for whatever the service answers
     */
    async registerInWorkspace({ manifest }: { readonly manifest: ModelManifest }): Promise<string> {
      const { name, gitSha, runName, datasetVersion, accuracy } = manifest;
      const version = String(manifest.version);
      const request = { what: `the model ${name}:${version}`, role: ROLES.work };
      await workspace.ensure(
        request,
        (options) => api.modelVersions.get(...scope, name, version, options),
        async (options) => {
          const properties = {
            modelType: 'custom_model',
            modelUri: workspace.toDataUri(await ensureDatastore(CONTAINERS.models), modelKeys.file(name, manifest.version, '')),
            description: `Version ${version} of Barometer's registry; its files lie there.`,
            tags: { 'git-sha': gitSha, run: runName, 'dataset-version': datasetVersion, accuracy: accuracy.toFixed(4) },
          };
          return api.modelVersions.createOrUpdate(...scope, name, version, { properties }, options);
        },
      );
      return workspace.toId(`models/${name}/versions/${version}`);
    },
  };
}
