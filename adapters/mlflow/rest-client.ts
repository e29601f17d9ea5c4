import { z } from 'zod';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { Credential } from './credentials.ts';

export interface RestClientOptions {
  readonly baseUrl: string;
  readonly credentials: readonly [Credential, ...Credential[]];
  /** Limit of one request. */
  readonly timeoutMs: number;
}

/** The REST API of an MLflow server. Paths are those of its documentation after `/api/2.0/mlflow/`, as `runs/create`. */
export interface RestClient {
  get<T extends z.ZodType>(answer: T, path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<z.output<T>>;
  post<T extends z.ZodType>(answer: T, path: string, body: unknown, signal: AbortSignal): Promise<z.output<T>>;
}

const BUSY_STATUSES = new Set([408, 429]);
const errorSchema = z.object({ error_code: z.string() });

/**
 * There is no client of MLflow's tracking API for Node that is kept up, and a handful of requests needs none.
 *
 * Its methods throw Failure: `dependency-unavailable` when no answer comes in time or the server is busy, `access-denied`, `not-found`,
 * `write-conflict` when there is one of that name already, `input-invalid` when the server turns the request down,
 * `configuration-invalid` when what answers is no MLflow server; and the signal's reason when it is aborted.
 */
export function createRestClient({ baseUrl, credentials, timeoutMs }: RestClientOptions): RestClient {
  let inUse = 0;

  async function send(path: string, init: RequestInit, callerSignal: AbortSignal): Promise<{ status: number; text: string }> {
    const limit = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([callerSignal, limit]);
    try {
      const authorization = await credentials[inUse]!(signal);
      const headers = { 'content-type': 'application/json', ...(authorization === null ? {} : { authorization }) };
      const response = await fetch(`${baseUrl}/api/2.0/mlflow/${path}`, { ...init, headers, signal });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      callerSignal.throwIfAborted();
      if (isFailure(error)) throw error;
      const why = limit.aborted ? `no answer within ${timeoutMs / 1000} s` : 'no connection';
      throw new Failure('dependency-unavailable', `The MLflow server at ${baseUrl} can't be reached (${why}).`, { cause: error });
    }
  }

  async function ask<T extends z.ZodType>(answer: T, path: string, init: RequestInit, signal: AbortSignal): Promise<z.output<T>> {
    const { status, text } = await send(path, init, signal);
    if (status === 401 && inUse + 1 < credentials.length) {
      inUse += 1;
      return ask(answer, path, init, signal);
    }
    const content = parseJson(text);
    if (status < 200 || status > 299) throw toFailure(status, errorSchema.safeParse(content).data?.error_code, baseUrl);
    const parsed = answer.safeParse(content);
    if (!parsed.success) throw toStranger(baseUrl);
    return parsed.data;
  }

  return {
    get: (answer, path, query, signal) => ask(answer, `${path}?${new URLSearchParams(query).toString()}`, { method: 'GET' }, signal),
    post: (answer, path, body, signal) => ask(answer, path, { method: 'POST', body: JSON.stringify(body) }, signal),
  };
}

/** Undefined when it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toFailure(status: number, code: string | undefined, baseUrl: string): Failure {
  const answer = [status, code].filter((part) => part !== undefined).join(' ');
  if (status === 401 || status === 403) {
    const advice = 'Check MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and _PASSWORD; in Azure ML, that this identity is an "AzureML Data Scientist" of the workspace.';
    return new Failure('access-denied', `The MLflow server at ${baseUrl} does not let us in (${answer}). ${advice}`);
  }
  if (status >= 500 || BUSY_STATUSES.has(status)) {
    return new Failure('dependency-unavailable', `The MLflow server at ${baseUrl} is not able to serve now (${answer}).`);
  }
  if (code === 'RESOURCE_ALREADY_EXISTS') return new Failure('write-conflict', `The MLflow server at ${baseUrl} has one of that name already (${answer}).`);
  if (code === undefined) return toStranger(baseUrl);
  if (status === 404) return new Failure('not-found', `The MLflow server at ${baseUrl} does not know what was asked for (${answer}).`);
  return new Failure('input-invalid', `The MLflow server at ${baseUrl} turned a request down (${answer}).`);
}

function toStranger(baseUrl: string): Failure {
  return new Failure('configuration-invalid', `What answers at ${baseUrl} is no MLflow server. Check MLFLOW_TRACKING_URI.`);
}
