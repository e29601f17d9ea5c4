import http from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import https from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { ClusterConfig } from '../../config/cluster.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { Status } from './cluster-failure.ts';
import { toAnswerFailure, toConnectionFailure } from './cluster-failure.ts';

export interface ClusterRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** Bytes go as they are, anything else as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  /** What is asked for, in words for a message. */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
  /** Half a minute when not given; `Infinity` for what is followed. */
  readonly timeoutMs?: number;
}

export interface ClusterAnswer {
  readonly status: number;
  readonly bytes: Buffer;
}

/** The API server of a Kubernetes cluster, and the namespace in it that is ours. */
export interface Cluster {
  readonly namespace: string;
  /**
   * Asks and reads the JSON that is answered.
   *
   * @throws Failure `dependency-unavailable`, `access-denied`, `not-found`, `write-conflict`, `configuration-invalid`;
   *   the signal's reason when aborted
   */
  ask<T>(request: ClusterRequest): Promise<T>;
  /** Asks, whatever the status of the answer; for what the API server passes on to a pod. */
  send(request: ClusterRequest): Promise<ClusterAnswer>;
  /** Asks for something that goes on, such as a log; destroy it to end it. */
  open(request: ClusterRequest): Promise<IncomingMessage>;
  readonly kubeConfig: KubeConfig;
}

const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Prepares to talk to the cluster of the settings. Nothing is sent before the first use.
 *
 * @throws Failure `configuration-invalid` when there is no kubeconfig, it can't be read, or lacks the context
 */
export function connectCluster(config: Pick<ClusterConfig, 'kubeconfig' | 'context' | 'namespace'>): Cluster {
  const kubeConfig = loadKubeConfig(config);
  const server = kubeConfig.getCurrentCluster()!.server;

  async function open(request: ClusterRequest): Promise<IncomingMessage> {
    const { method = 'GET', path, query = {}, signal, timeoutMs = REQUEST_TIMEOUT_MS } = request;
    signal?.throwIfAborted();
    const url = new URL(server.replace(/\/+$/, '') + path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    const body = toBody(request.body);
    const options: RequestOptions = { method, headers: {} };
    try {
      await kubeConfig.applyToHTTPSOptions(options);
    } catch (error) {
      throw new Failure('access-denied', 'The kubeconfig (BAROMETER_KUBECONFIG) gives no credentials: its login program failed.', { cause: error });
    }
    Object.assign(options.headers as object, { Accept: 'application/json' }, body && { 'Content-Type': request.contentType ?? 'application/json', 'Content-Length': body.byteLength });
    return new Promise((resolve, reject) => {
      const sent = (url.protocol === 'https:' ? https : http).request(url, { ...options, ...(signal && { signal }) }, resolve);
      sent.on('error', (error) => {
        reject(signal?.aborted === true ? (signal.reason as Error) : toConnectionFailure(error, server));
      });
      if (timeoutMs !== Infinity) {
        const timer = setTimeout(() => sent.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })), timeoutMs);
        sent.on('close', () => {
          clearTimeout(timer);
        });
      }
      sent.end(body);
    });
  }

  async function send(request: ClusterRequest): Promise<ClusterAnswer> {
    const answer = await open(request);
    try {
      return { status: answer.statusCode ?? 0, bytes: Buffer.concat(await answer.toArray()) };
    } catch (error) {
      request.signal?.throwIfAborted();
      throw toConnectionFailure(error, server);
    }
  }

  async function ask<T>(request: ClusterRequest): Promise<T> {
    return toAnswer(request, await send(request)) as T;
  }

  return {
    namespace: config.namespace,
    kubeConfig,
    ask,
    send,
    async open(request) {
      const answer = await open(request);
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status < 300) return answer;
      throw toRefusal(request, { status, bytes: Buffer.concat(await answer.toArray()) });
    },
  };
}

function loadKubeConfig({ kubeconfig, context }: Pick<ClusterConfig, 'kubeconfig' | 'context'>): KubeConfig {
  if (kubeconfig === null) throw new Failure('configuration-invalid', 'No cluster is configured: set BAROMETER_KUBECONFIG to a kubeconfig file, or to in-cluster.');
  const loaded = new KubeConfig();
  try {
    if (kubeconfig === 'in-cluster') loaded.loadFromCluster();
    else loaded.loadFromFile(kubeconfig);
  } catch (error) {
    throw new Failure('configuration-invalid', `BAROMETER_KUBECONFIG names ${kubeconfig}, which can't be read as a kubeconfig file.`, { cause: error });
  }
  if (kubeconfig === 'in-cluster' && !URL.canParse(loaded.getCurrentCluster()?.server ?? '')) {
    throw new Failure('configuration-invalid', 'BAROMETER_KUBECONFIG is in-cluster, but this process does not run in a pod of a cluster.');
  }
  if (context !== null) loaded.setCurrentContext(context);
  if (loaded.getCurrentCluster() === null) {
    const known = loaded.getContexts().map(({ name }) => name).join(', ');
    throw new Failure('configuration-invalid', `${kubeconfig} has no usable context ${context ?? '(none is set as current)'}; it has: ${known || 'none'}. Set BAROMETER_KUBE_CONTEXT.`);
  }
  return loaded;
}

function toBody(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  return Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
}

/** The JSON of an answer. @throws Failure of what the API server says instead */
export function toAnswer(request: ClusterRequest, answer: ClusterAnswer): unknown {
  if (answer.status >= 200 && answer.status < 300) return JSON.parse(answer.bytes.toString());
  throw toRefusal(request, answer);
}

function toRefusal({ method = 'GET', path, what }: ClusterRequest, { status, bytes }: ClusterAnswer): Failure {
  return toAnswerFailure(status, parseStatus(bytes), { method, path, what });
}

function parseStatus(bytes: Buffer): Status | null {
  try {
    const status = JSON.parse(bytes.toString()) as Status;
    return status.kind === 'Status' ? status : null;
  } catch {
    return null;
  }
}

/** Null where the cluster has no such thing. */
export async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (isFailure(error, 'not-found')) return null;
    throw error;
  }
}
