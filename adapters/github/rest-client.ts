import { Failure } from '../../domain/failure.ts';

export interface RestAccess {
  /** `https://api.github.com`, or what a GitHub Enterprise Server has instead. */
  readonly apiUrl: string;
  readonly token: string;
}

/** Asks GitHub's REST API. The path begins after the API's address; the answer is null where there is no body. */
export type RestClient = (method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown) => Promise<unknown>;

const TIMEOUT_MS = 15_000;

/**
 * The few requests that a comment takes don't pay for a client library.
 *
 * The client throws Failure `access-denied` when the token may not, `not-found`, `input-invalid` when GitHub turns the request
 * down, and `dependency-unavailable` when it does not answer, or not now.
 */
export function createRestClient({ apiUrl, token }: RestAccess): RestClient {
  return async (method, path, body) => {
    const headers = { accept: 'application/vnd.github+json', authorization: `Bearer ${token}`, 'x-github-api-version': '2022-11-28', 'user-agent': 'barometer', 'content-type': 'application/json' };
    const request = { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS), ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`${apiUrl}${path}`, request).catch((error: unknown) => {
      throw new Failure('dependency-unavailable', `GitHub's API (${apiUrl}) can't be reached.`, { cause: error });
    });
    if (!response.ok) throw toFailure(response);
    return (response.json() as Promise<unknown>).catch((error: unknown) => {
      throw new Failure('dependency-unavailable', `GitHub's API (${apiUrl}) answered with something else than JSON.`, { cause: error });
    });
  };
}

function toFailure({ status, headers }: Response): Failure {
  const isLimited = status === 429 || (status === 403 && headers.get('x-ratelimit-remaining') === '0');
  if (isLimited || status >= 500) return new Failure('dependency-unavailable', `GitHub's API does not answer now (${status}).`);
  if (status === 401 || status === 403) return new Failure('access-denied', 'The token may not write comments on this pull request: give the job `permissions: pull-requests: write`. Jobs of forks never have it.');
  if (status === 404) return new Failure('not-found', 'GitHub does not know this repository, pull request or comment, or the token may not see it.');
  return new Failure('input-invalid', `GitHub's API turned the request down (${status}).`);
}
