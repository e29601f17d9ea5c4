import type { MlflowConfig } from '../../config/mlflow.ts';
import { isFailure } from '../../domain/failure.ts';
import type { GetEntraToken } from './credentials.ts';
import { toCredentials } from './credentials.ts';
import { createRestClient } from './rest-client.ts';
import type { RunLog, RunLogOptions } from './run-log.ts';
import { openRunLog } from './run-log.ts';
import { openTrackedRun } from './tracked-run.ts';
import type { TrackedTraining } from './tracked-training.ts';
import type { TrackingAddress } from './tracking-address.ts';
import { toTrackingAddress } from './tracking-address.ts';

export interface StartRunLogOptions extends Omit<RunLogOptions, 'open'> {
  readonly config: MlflowConfig;
  readonly training: TrackedTraining;
  /** Asked for Azure ML workspaces only. */
  readonly getEntraToken: GetEntraToken;
  /** Limit of one request. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;

/**
 * Charts a training on the MLflow server of the settings: one MLflow run for it, also when it takes several attempts, and every epoch
 * once. Whatever is wrong with the settings or the server is said once, and harms the training in no way.
 */
export function startRunLog({ config, training, getEntraToken, timeoutMs = TIMEOUT_MS, ...options }: StartRunLogOptions): RunLog {
  const address = readAddress(config, options.say);
  if (address === null) return { write: () => undefined, close: () => Promise.resolve() };
  const client = createRestClient({ baseUrl: address.baseUrl, credentials: toCredentials(config, address, getEntraToken), timeoutMs });
  const { experimentName, runId } = config;
  const isJob = address.isAzureMl && runId !== null;
  return openRunLog({ ...options, open: (signal) => openTrackedRun({ client, experimentName, runId, isJob, training, signal }) });
}

function readAddress({ trackingUri }: MlflowConfig, say: (message: string) => void): TrackingAddress | null {
  try {
    return toTrackingAddress(trackingUri);
  } catch (error) {
    say(`${isFailure(error) ? error.message : String(error)} This training is not charted there.`);
    return null;
  }
}
