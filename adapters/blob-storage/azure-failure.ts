import { Failure, isFailure } from '../../domain/failure.ts';

/** The parts of an Azure SDK error that carry meaning; its message is never looked at. */
interface AzureError {
  readonly name: string;
  /** The service's own code (`BlobNotFound`), the client's (`REQUEST_SEND_ERROR`) or the system's (`ECONNREFUSED`). */
  readonly code: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
}

const IDENTITY_ERRORS = new Set(['AuthenticationError', 'AggregateAuthenticationError', 'AuthenticationRequiredError', 'CredentialUnavailableError']);
const BUSY_STATUSES = new Set([408, 429]);

export function toAzureError(error: unknown): AzureError {
  if (typeof error !== 'object' || error === null) return { name: '', code: '', status: 0 };
  const { name, code, statusCode } = error as { name?: unknown; code?: unknown; statusCode?: unknown };
  return {
    name: typeof name === 'string' ? name : '',
    code: typeof code === 'string' ? code : '',
    status: typeof statusCode === 'number' ? statusCode : 0,
  };
}

/**
 * Says what an error of the Azure SDK means to Barometer; the SDK's own error stays attached as the cause.
 *
 * @param what the container, or the blob as `container/name`, that was asked for
 */
export function toFailure(error: unknown, what: string): unknown {
  if (isFailure(error)) return error;
  const { name, code, status } = toAzureError(error);
  const options = { cause: error };
  const answer = [status === 0 ? '' : String(status), code].filter((part) => part !== '').join(' ');
  if (IDENTITY_ERRORS.has(name) || status === 401 || status === 403) {
    const advice = 'Check BAROMETER_STORAGE_CONNECTION_STRING, or that this identity is a "Storage Blob Data Contributor" of the account.';
    return new Failure('access-denied', `The storage account does not let us use ${what} (${answer || name}). ${advice}`, options);
  }
  if (code === 'ContainerNotFound') {
    return new Failure('not-found', `The storage account has no container for ${what}. Every worker makes the missing ones when it starts.`, options);
  }
  if (status === 404) return new Failure('not-found', `${what} does not exist.`, options);
  if (status === 412 || status === 409) {
    return new Failure('write-conflict', `Another write to ${what} came first (${answer}).`, options);
  }
  if (name === 'AbortError') return new Failure('dependency-unavailable', `The storage account did not finish ${what} in time.`, options);
  if (status === 0) {
    const advice = 'Start the embedded one with `npm start`, or check BAROMETER_STORAGE_CONNECTION_STRING or BAROMETER_STORAGE_ACCOUNT_URL.';
    return new Failure('dependency-unavailable', `The storage account can't be reached for ${what} (${code || 'no answer'}). ${advice}`, options);
  }
  if (status >= 500 || BUSY_STATUSES.has(status)) {
    return new Failure('dependency-unavailable', `The storage account is not able to serve ${what} now (${answer}).`, options);
  }
  return new Failure('configuration-invalid', `The storage account turned the request for ${what} down (${answer}).`, options);
}
