import { z } from 'zod';
import type { Given } from './setting.ts';

/**
 * Where trainings are charted, in the variables that MLflow's own clients read. They may lie about in an environment for
 * other programs, so that nothing here refuses a value: what can't be used is said by the training, which goes on without.
 */
export const mlflowSettings = {
  /** `http(s)://<server>`, or `azureml://…` of an Azure ML workspace. Trainings are charted nowhere else when not given. */
  MLFLOW_TRACKING_URI: z.string().optional(),
  /** Made when it is not there. */
  MLFLOW_EXPERIMENT_NAME: z.string().default('barometer'),
  /** The run to log into, as Azure ML says to its jobs; one of its own for each training when not given. */
  MLFLOW_RUN_ID: z.string().optional(),
  /** Wins over user name and password. */
  MLFLOW_TRACKING_TOKEN: z.string().optional(),
  MLFLOW_TRACKING_USERNAME: z.string().optional(),
  MLFLOW_TRACKING_PASSWORD: z.string().optional(),
};

export interface MlflowConfig {
  readonly trackingUri: string;
  readonly experimentName: string;
  readonly runId: string | null;
  readonly token: string | null;
  readonly basic: { readonly username: string; readonly password: string } | null;
}

/** Null: no MLflow server is known. */
export function toMlflowConfig(given: Given<typeof mlflowSettings>): MlflowConfig | null {
  if (given.MLFLOW_TRACKING_URI === undefined) return null;
  const { MLFLOW_TRACKING_USERNAME: username, MLFLOW_TRACKING_PASSWORD: password } = given;
  return {
    trackingUri: given.MLFLOW_TRACKING_URI,
    experimentName: given.MLFLOW_EXPERIMENT_NAME,
    runId: given.MLFLOW_RUN_ID ?? null,
    token: given.MLFLOW_TRACKING_TOKEN ?? null,
    basic: username === undefined || password === undefined ? null : { username, password },
  };
}
