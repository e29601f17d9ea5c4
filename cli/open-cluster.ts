import type { Cluster } from '../adapters/kubernetes/cluster.ts';
import { loadConfig } from '../config/config.ts';

/** The cluster of the settings. Its client is loaded only by commands that need it, for it takes a while. */
export async function openCluster(): Promise<Cluster> {
  const { connectCluster } = await import('../adapters/kubernetes/cluster.ts');
  return connectCluster(loadConfig().cluster);
}
