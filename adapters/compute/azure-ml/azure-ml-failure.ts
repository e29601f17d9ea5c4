import { Failure, isFailure } from '../../../domain/failure.ts';

/** Azure's built-in roles that Barometer needs on the workspace. */
export const ROLES = {
  work: 'AzureML Data Scientist',
  cluster: 'AzureML Compute Operator',
} as const;

export interface AzureMlRequest {
  /** What was asked for, as the end of a sentence: `the cluster barometer-cpu`. */
  readonly what: string;
  /** The role that allows it. */
  readonly role: (typeof ROLES)[keyof typeof ROLES];
}

const IDENTITY_ERRORS = new Set(['AuthenticationError', 'AggregateAuthenticationError', 'AuthenticationRequiredError', 'CredentialUnavailableError']);
const BUSY_STATUSES = new Set([408, 429]);
/** `ClusterCoreQuotaReached`, `JobNodeCountExceedsCoreQuota`, `OutOfQuota`, `QuotaExceeded`, … */
const QUOTA_CODE = /quota/i;

/** Whether this error, of a request or of a cluster that could not grow, is about a quota. */
export function isQuotaError(error: unknown): boolean {
  return findCodes(error).some((code) => QUOTA_CODE.test(code));
}

/** Says what an error of the Azure SDK means to Barometer; the SDK's own error stays attached as the cause. */
export function toFailure(error: unknown, { what, role }: AzureMlRequest): unknown {
  if (isFailure(error)) return error;
  const status = toStatus(error);
  const name = error instanceof Error ? error.name : '';
  const [code = ''] = findCodes(error);
  const answer = [status === 0 ? '' : String(status), code].filter((part) => part !== '').join(' ');
  const options = { cause: error };
  if (IDENTITY_ERRORS.has(name) || status === 401) {
    const advice = 'Give the worker a workload identity, a managed identity or AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET of a service principal, or run "az login".';
    return new Failure('access-denied', `This worker could not sign in to Azure for ${what} (${answer || name}). ${advice}`, options);
  }
  if (status === 403) {
    return new Failure('access-denied', `Azure does not let this worker use ${what} (${answer}). Its identity needs the role "${role}" on the workspace.`, options);
  }
  if (isQuotaError(error)) {
    return new Failure('capacity-missing', `The quota does not allow ${what} (${answer}). Ask for more vCPUs in the studio under "Quota", or choose another BAROMETER_AZURE_ML_VM_SIZE.`, options);
  }
  if (status === 404) return new Failure('not-found', `Azure ML does not know ${what}.`, options);
  if (status === 409 || status === 412) return new Failure('write-conflict', `Another change of ${what} came first (${answer}).`, options);
  if (status === 0 && !isOfTheNetwork(error)) return error;
  if (status === 0 || status >= 500 || BUSY_STATUSES.has(status)) {
    return new Failure('dependency-unavailable', `Azure ML can't be reached for ${what} (${answer || name || 'no answer'}).`, options);
  }
  return new Failure('configuration-invalid', `Azure ML turned the request for ${what} down (${answer}). The worker's log has its reason.`, options);
}

function toStatus(error: unknown): number {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : 0;
}

/** An error without an HTTP answer that is none of our own making: no connection, or none in time. */
function isOfTheNetwork(error: unknown): boolean {
  const { name, code } = error as { name?: unknown; code?: unknown };
  return name === 'RestError' || name === 'AbortError' || name === 'TimeoutError' || typeof code === 'string';
}

/** Codes, outermost first, of an SDK error or of an ARM error body (`error.code`, `error.details[].code`, `innererror`). */
function findCodes(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 6) return [];
  if (Array.isArray(error)) return error.flatMap((each) => findCodes(each, depth + 1));
  const { code, error: nested, details, innererror, innerError } = error as Record<string, unknown>;
  const own = typeof code === 'string' ? [code] : [];
  return [...own, ...[nested, details, innererror, innerError].flatMap((each) => findCodes(each, depth + 1))];
}
