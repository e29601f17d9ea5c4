import { setTimeout as wait } from 'node:timers/promises';
import { after, afterEach } from 'mocha';
import type { Cluster } from '../../../adapters/kubernetes/cluster.ts';
import type { Pod } from '../../../adapters/kubernetes/objects.ts';
import { isFailure } from '../../../domain/failure.ts';

/** What becomes of a pod: it gets ready, its container waits for that reason, or nothing happens. */
export type Fate = 'ready' | 'pending' | { readonly reason: string; readonly message?: string };

const LOOK_MS = 50;

/**
 * Plays the kubelet of a cluster without a node, as far as the API server tells: pods get the status that their fate is. All
 * else, the API server and the controllers, is real. Ends with the test.
 */
export function usePlayedKubelet() {
  const ended: AbortController[] = [];
  const playing: Promise<void>[] = [];
  async function end(): Promise<void> {
    for (const each of ended.splice(0)) each.abort();
    await Promise.all(playing.splice(0));
  }
  afterEach('end the kubelet', end);
  after('end the kubelet', end);

  return (cluster: Cluster, toFate: (pod: Pod) => Fate): void => {
    const over = new AbortController();
    ended.push(over);
    playing.push(play(cluster, toFate, over.signal));
  };
}

async function play(cluster: Cluster, toFate: (pod: Pod) => Fate, over: AbortSignal): Promise<void> {
  const path = `/api/v1/namespaces/${cluster.namespace}/pods`;
  while (!over.aborted) {
    try {
      const { items } = await cluster.ask<{ items: Pod[] }>({ path, what: 'pods' });
      for (const pod of items) {
        const fate = toFate(pod);
        if (fate === 'pending' || isPlayed(pod, fate)) continue;
        const body = { status: toStatus(pod, fate) };
        await cluster.ask({ method: 'PATCH', path: `${path}/${pod.metadata.name}/status`, body, contentType: 'application/merge-patch+json', what: 'pod' });
      }
    } catch (error) {
      // A pod may be gone by now, and so may the API server.
      if (!isFailure(error)) throw error;
    }
    await wait(LOOK_MS);
  }
}

function isPlayed({ status }: Pod, fate: Exclude<Fate, 'pending'>): boolean {
  const [container] = status?.containerStatuses ?? [];
  return fate === 'ready' ? container?.ready === true : container?.state?.waiting?.reason === fate.reason;
}

function toStatus({ spec }: Pod, fate: Exclude<Fate, 'pending'>): object {
  const isReady = fate === 'ready';
  const now = new Date().toISOString();
  const state = isReady ? { running: { startedAt: now } } : { waiting: fate, running: null };
  return {
    phase: isReady ? 'Running' : 'Pending',
    conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: now }],
    containerStatuses: spec.containers.map(({ name, image }) => ({ name, image, imageID: '', ready: isReady, restartCount: 0, state })),
  };
}
