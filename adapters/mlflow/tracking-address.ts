import { Failure } from '../../domain/failure.ts';

/** Where an MLflow server listens. */
export interface TrackingAddress {
  /** `https://…`, without user and password, without a slash at its end; `/api/2.0/mlflow/…` follows. */
  readonly baseUrl: string;
  readonly isAzureMl: boolean;
  /** What the address itself says about who comes. */
  readonly basic: { readonly username: string; readonly password: string } | null;
}

/** Azure ML names a version of MLflow in the path; for MLflow 2 and 3, Microsoft's own plug-in says this one. */
const AZURE_ML_VERSION = '/mlflow/v2.0';

/**
 * Reads a tracking URI as MLflow's clients do: `http://…`, `https://…`, or `azureml://…` of an Azure ML workspace.
 *
 * @throws Failure `configuration-invalid` for any other
 */
export function toTrackingAddress(uri: string): TrackingAddress {
  const url = URL.parse(uri);
  if (url?.protocol === 'azureml:') return toWorkspaceAddress(url);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) throw toInvalid('It has to begin with http://, https:// or azureml://.');
  const basic = url.username === '' ? null : { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  return { baseUrl: `${url.protocol}//${url.host}${url.pathname}`.replace(/\/+$/, ''), isAzureMl: false, basic };
}

/** `azureml://<host>/mlflow/v1.0/subscriptions/…/workspaces/<name>`, as the portal and `az ml workspace show` say it. */
function toWorkspaceAddress({ host, pathname }: URL): TrackingAddress {
  const [, workspace] = /^(?:\/mlflow\/v[\d.]+)?(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.MachineLearningServices\/workspaces\/[^/]+)\/?$/i.exec(pathname) ?? [];
  if (workspace === undefined) throw toInvalid('Copy the whole of it: az ml workspace show --query mlflow_tracking_uri');
  return { baseUrl: `https://${host}${AZURE_ML_VERSION}${workspace}`, isAzureMl: true, basic: null };
}

function toInvalid(advice: string): Failure {
  // Not the URI itself: there may be a password in it.
  return new Failure('configuration-invalid', `MLFLOW_TRACKING_URI can't be used. ${advice}`);
}
