import type { RunStore } from '../adapters/blob-storage/run-store.ts';
import { createBlobLink } from '../adapters/blob-storage/blob-link.ts';
import { createEntraToken } from '../adapters/compute/entra-token.ts';
import type { RunLog } from '../adapters/mlflow/run-log.ts';
import { startRunLog } from '../adapters/mlflow/start-run-log.ts';
import type { ArtifactLink } from '../adapters/mlflow/tracked-training.ts';
import type { Config } from '../config/config.ts';
import type { SplitManifest } from '../domain/dataset.ts';
import { CONTAINERS, MODEL_FILES, processedKeys, runKeys } from '../domain/names.ts';
import type { TrainingSpec } from '../domain/training.ts';

/** Begins to chart a training for people to watch, on a server that is no part of the pipeline. */
export type StartChart = (training: { spec: TrainingSpec; split: SplitManifest; runs: RunStore; say: (message: string) => void }) => Promise<RunLog>;

/** Charts trainings on the MLflow server of the settings, if there is one. */
export function createStartChart({ mlflow, storage }: Pick<Config, 'mlflow' | 'storage'>): StartChart {
  return async ({ spec, split, runs, say }) => {
    if (mlflow === null) return { write: () => undefined, close: () => Promise.resolve() };
    const training = { spec, datasetVersion: split.datasetVersion, artifacts: toArtifacts(spec, createBlobLink(storage)) };
    return startRunLog({ config: mlflow, training, earlier: await runs.findMetrics(spec.runName), getEntraToken: createEntraToken(), say });
  };
}

function toArtifacts({ runName, splitVersion }: TrainingSpec, link: ReturnType<typeof createBlobLink>): ArtifactLink[] {
  return [
    { title: 'curves', url: link(CONTAINERS.runs, runKeys.curves(runName)) },
    { title: 'log', url: link(CONTAINERS.runs, runKeys.log(runName)) },
    { title: 'metrics', url: link(CONTAINERS.runs, runKeys.metrics(runName)) },
    { title: 'result', url: link(CONTAINERS.runs, runKeys.result(runName)) },
    { title: 'model (ONNX)', url: link(CONTAINERS.runs, runKeys.candidate(runName, MODEL_FILES.onnx)) },
    { title: 'split of the data set', url: link(CONTAINERS.processed, processedKeys.split(splitVersion)) },
  ];
}
