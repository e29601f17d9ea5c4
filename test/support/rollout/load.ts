import { setTimeout as wait } from 'node:timers/promises';
import type { Cluster } from '../../../adapters/kubernetes/cluster.ts';
import { GOLDEN } from './api-script.ts';

export interface LoadResult {
  readonly requests: number;
  /** What was answered or went wrong instead. */
  readonly failures: readonly string[];
  /** Versions of the model that answered. */
  readonly versions: ReadonlySet<number>;
}

export interface LoadOptions {
  /** In base64. */
  readonly image?: string;
  /** Between an answer and the next request of a client. */
  readonly pauseMs?: number;
}

const CLIENTS = 6;

/** Asks the service for predictions of one image, several at a time, until it is stopped; none is asked twice. */
export function startLoad(cluster: Cluster, { image = GOLDEN[0]!.image, pauseMs = 0 }: LoadOptions = {}): { readonly requests: () => number; stop(): Promise<LoadResult> } {
  const body = Buffer.from(image, 'base64');
  const path = `/api/v1/namespaces/${cluster.namespace}/services/http:barometer-api:http/proxy/predict`;
  const failures: string[] = [];
  const versions = new Set<number>();
  let requests = 0;
  let isOver = false;

  async function ask(): Promise<void> {
    while (!isOver) {
      requests += 1;
      try {
        const { status, bytes } = await cluster.send({ method: 'POST', path, body, contentType: 'image/png', what: 'the service', timeoutMs: 10_000 });
        if (status === 200) versions.add((JSON.parse(bytes.toString()) as { model: { version: number } }).model.version);
        else failures.push(`${status} ${bytes.toString()}`);
      } catch (error) {
        failures.push(String(error));
      }
      if (pauseMs > 0) await wait(pauseMs);
    }
  }

  const clients = Array.from({ length: CLIENTS }, ask);
  return {
    requests: () => requests,
    async stop() {
      isOver = true;
      await Promise.all(clients);
      return { requests, failures, versions };
    },
  };
}
