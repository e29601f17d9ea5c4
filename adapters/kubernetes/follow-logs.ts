import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { isFailure } from '../../domain/failure.ts';
import { readApiState } from './api-state.ts';
import type { Cluster } from './cluster.ts';
import { API } from './names.ts';
import type { ContainerStatus, Pod } from './objects.ts';

export interface LogLine {
  readonly pod: string;
  readonly text: string;
}

export interface LogOptions {
  readonly signal: AbortSignal;
  /** Go on with what is written from now on, also by pods that come later; else end with what there is. */
  readonly follow: boolean;
  /** Of each pod that is there at first, the last so many lines; all when not given. */
  readonly tailLines?: number;
  readonly onLine: (line: LogLine) => void;
  readonly pollMs?: number;
}

/**
 * Reads the logs of all of the API's pods at once. Following ends when the signal is aborted, without a failure.
 *
 * @throws Failure `not-found` when the API is not in the cluster; and as {@link Cluster.ask} does
 */
export async function followLogs(cluster: Cluster, { signal, follow, tailLines, onLine, pollMs = 2_000 }: LogOptions): Promise<void> {
  /** A container that is started again has a new log. */
  const known = new Set<string>();
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  let first: Record<string, number> = tailLines === undefined ? {} : { tailLines };
  try {
    for (;;) {
      const { pods } = await readApiState(cluster, { signal });
      const started = pods.filter(hasLog).filter((pod) => !known.has(toKey(pod)));
      const reading = started.map((pod) => readLog(pod, first));
      first = {};
      if (!follow) {
        await Promise.all(reading);
        return;
      }
      for (const each of reading) each.catch(broken.reject);
      await Promise.race([wait(pollMs, undefined, { signal }), broken.promise]);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }

  async function readLog(pod: Pod, query: Readonly<Record<string, number | string>>): Promise<void> {
    const key = toKey(pod);
    known.add(key);
    let seenAt: string | null = null;
    try {
      const log = await openLog(cluster, pod.metadata.name, { follow, ...query }, signal);
      for await (const text of createInterface({ input: log })) {
        seenAt = new Date().toISOString();
        onLine({ pod: pod.metadata.name, text });
      }
    } catch (error) {
      // A pod may be gone between being seen and being asked; a broken connection is made again where it broke.
      if (signal.aborted || isFailure(error, 'not-found')) return;
      if (!follow || (isFailure(error) && !error.retryable)) throw error;
      await wait(pollMs, undefined, { signal });
      await readLog(pod, seenAt === null ? query : { sinceTime: seenAt });
    }
  }
}

/** The log of a pod's container, as text. */
export function openLog(cluster: Cluster, pod: string, query: Readonly<Record<string, string | number | boolean>>, signal?: AbortSignal) {
  const path = `/api/v1/namespaces/${cluster.namespace}/pods/${pod}/log`;
  const timeoutMs = query['follow'] === true ? Infinity : 10_000;
  return cluster.open({ path, query: { container: API.container, ...query }, what: `log of ${pod}`, signal, timeoutMs });
}

function toStatus({ status }: Pod): ContainerStatus | undefined {
  return status?.containerStatuses?.find(({ name }) => name === API.container);
}

/** A container that waits for its image or its volumes has none yet. */
function hasLog(pod: Pod): boolean {
  const status = toStatus(pod);
  return status !== undefined && (status.state?.waiting === undefined || status.lastState?.terminated !== undefined);
}

function toKey(pod: Pod): string {
  return `${pod.metadata.uid}/${toStatus(pod)?.restartCount ?? 0}`;
}
