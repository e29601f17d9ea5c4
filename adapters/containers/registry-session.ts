import { z } from 'zod';
import { Failure } from '../../domain/failure.ts';
import type { Credentials, Environment } from './credentials.ts';
import { findCredentials } from './credentials.ts';
import type { ImageLocation } from './reference.ts';
import { DOCKER_HUB } from './reference.ts';

export interface RegistryOptions {
  /** The registry, `host:port`, that speaks plain HTTP; every other one is asked over HTTPS only. */
  readonly plainHttpHost: string | null;
  readonly environment: Environment;
}

/** Requests to one repository of a registry, signed in as soon as the registry asks for it. */
export interface RegistrySession {
  /**
   * Answers are those that the request is about: 2xx and 404.
   *
   * @param path below `/v2/<repository>/`, or a URL
   * @throws Failure `dependency-unavailable`, `access-denied`, `configuration-invalid`
   */
  request(path: string, init?: { readonly method?: string; readonly accept?: string }): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

const TIMEOUT_MS = 30_000;

/**
 * Speaks the reading part of the OCI distribution spec. Own code, because the packages that would do (@sigstore/oci,
 * @snyk/docker-registry-v2-client) read no image configurations, or no credentials of the standard files.
 */
export function createRegistrySession({ host, repository }: ImageLocation, { plainHttpHost, environment }: RegistryOptions, signal?: AbortSignal): RegistrySession {
  const server = host === DOCKER_HUB ? 'registry-1.docker.io' : host;
  const base = `${host === plainHttpHost ? 'http' : 'https'}://${server}/v2/${repository}/`;
  let authorization: string | null = null;

  const send: Send = async (url, init) => {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const response = await fetch(url, { ...init, signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]) });
      return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
    } catch (error) {
      signal?.throwIfAborted();
      throw toUnreachable(error, host);
    }
  };

  return {
    async request(path, { method = 'GET', accept } = {}) {
      const url = new URL(path, base);
      const attempt = () => {
        // Uploads and blobs may lie with somebody else, whom the password is none of the business of.
        const isOurs = url.origin === new URL(base).origin;
        return send(url, { method, headers: { ...(accept === undefined ? {} : { accept }), ...(isOurs && authorization !== null ? { authorization } : {}) } });
      };
      let answer = await attempt();
      if (answer.status === 401) {
        const credentials = await findCredentials(host, repository, environment);
        authorization = await signIn(answer.headers.get('www-authenticate') ?? '', credentials, send);
        if (authorization !== null) answer = await attempt();
      }
      if (isGood(answer) || answer.status === 404) return answer;
      throw toRefusal(answer.status, `${host}/${repository}`, host);
    },
  };
}

type Send = (url: URL, init: RequestInit) => Promise<Answer>;

function isGood({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

const tokenSchema = z.union([z.object({ token: z.string() }).transform(({ token }) => token), z.object({ access_token: z.string() }).transform((answer) => answer.access_token)]);

/** Answers a challenge; null where nothing can be said to it. */
async function signIn(challenge: string, credentials: Credentials | null, send: Send): Promise<string | null> {
  const basic = credentials !== null && 'password' in credentials ? `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}` : null;
  if (/^basic\b/i.test(challenge)) return basic;
  const { realm, service, scope } = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value])) as Record<string, string>;
  if (realm === undefined || !URL.canParse(realm)) return null;
  const url = new URL(realm);
  const asked = new URLSearchParams({ ...(service === undefined ? {} : { service }), ...(scope === undefined ? {} : { scope }) });
  let answer: Answer;
  if (credentials !== null && 'identityToken' in credentials) {
    const body = new URLSearchParams([...asked, ['grant_type', 'refresh_token'], ['client_id', 'barometer'], ['refresh_token', credentials.identityToken]]);
    answer = await send(url, { method: 'POST', body });
  } else {
    for (const [name, value] of asked) url.searchParams.append(name, value);
    answer = await send(url, basic === null ? {} : { headers: { authorization: basic } });
  }
  if (isBusy(answer.status)) throw toRefusal(answer.status, url.host, url.host);
  if (!isGood(answer)) return null;
  const token = tokenSchema.safeParse(toJson(answer.bytes));
  return token.success ? `Bearer ${token.data}` : null;
}

function toJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}

function toUnreachable(error: unknown, host: string): Failure {
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } };
  const code = typeof cause?.code === 'string' ? cause.code : (name ?? 'unknown');
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') {
    return new Failure('configuration-invalid', `The registry ${host} does not speak HTTPS (${code}). If it is one of your own that speaks plain HTTP, set BAROMETER_REGISTRY_PLAIN_HTTP=true.`);
  }
  if (/CERT|SIGNATURE|ALTNAME/.test(code)) {
    return new Failure('configuration-invalid', `The certificate of the registry ${host} is not trusted here (${code}). Name its authority's file in NODE_EXTRA_CA_CERTS, and in the engine's own settings.`);
  }
  return new Failure('dependency-unavailable', `The registry ${host} can't be reached (${code}).`);
}

function toRefusal(status: number, what: string, host: string): Failure {
  if (status === 401 || status === 403) {
    return new Failure('access-denied', `The registry does not let us use ${what} (${status}). Sign in on the machine of the worker, as its user (docker login ${host}), with an account that may push there.`);
  }
  if (isBusy(status)) return new Failure('dependency-unavailable', `The registry can't serve ${what} just now (${status}).`);
  return new Failure('configuration-invalid', `The registry turned a request for ${what} down (${status}). Check BAROMETER_IMAGE_REPOSITORY.`);
}

function isBusy(status: number): boolean {
  return status >= 500 || status === 408 || status === 429;
}
