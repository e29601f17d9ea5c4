import type { RegisterInWorkspaceDependencies } from '../activities/register-in-workspace.ts';
import type { TrainingCompute } from '../activities/train.ts';
import type { Stores } from '../adapters/blob-storage/stores.ts';
import { createAzureMlCompute } from '../adapters/compute/azure-ml/compute.ts';
import { createWorkspaceModels } from '../adapters/compute/azure-ml/models.ts';
import { createUnconfiguredCompute } from '../adapters/compute/unconfigured.ts';
import { toAzureMlSettings, whyNotAzureMl } from '../config/azure-ml.ts';
import type { Config } from '../config/config.ts';
import { Failure } from '../domain/failure.ts';

export interface AzureMl {
  readonly compute: TrainingCompute;
  readonly registerInWorkspace: RegisterInWorkspaceDependencies['registerInWorkspace'];
}

/** The workspace of the settings; where they are not complete, whatever is asked of it fails with what to set. */
export function createAzureMl(config: Pick<Config, 'azureMl' | 'images'>, { runs, datasets }: Pick<Stores, 'runs' | 'datasets'>): AzureMl {
  const why = whyNotAzureMl(config);
  if (why !== null) {
    const refuse = () => Promise.reject(new Failure('configuration-invalid', why));
    return { compute: createUnconfiguredCompute(why), registerInWorkspace: refuse };
  }
  const settings = toAzureMlSettings(config);
  return {
    compute: createAzureMlCompute({ settings, diary: runs, datasets }),
    registerInWorkspace: createWorkspaceModels({ settings }).registerInWorkspace,
  };
}
