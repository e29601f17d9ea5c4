import type { ClusterConfig } from '../../config/cluster.ts';
import { isFailure } from '../../domain/failure.ts';
import { connectCluster, orNull } from './cluster.ts';
import type { KustomizeOptions } from './kustomize.ts';
import { whyNotKustomize } from './kustomize.ts';
import { API } from './names.ts';

const TIMEOUT_MS = 5_000;

/**
 * Null when rollouts are possible; otherwise what is missing, and what to set. An API server that does not answer is no
 * reason: it may be back when it is needed, and is waited for.
 */
export async function whyNotRollOut(config: ClusterConfig, { environment }: Pick<KustomizeOptions, 'environment'>): Promise<string | null> {
  if (config.kubeconfig === null) return 'BAROMETER_KUBECONFIG is not set: it names the kubeconfig file of the cluster, or is in-cluster.';
  try {
    const cluster = connectCluster(config);
    const path = `/apis/apps/v1/namespaces/${config.namespace}/deployments/${API.deployment}`;
    await orNull(cluster.ask({ path, what: `Deployment ${API.deployment}`, timeoutMs: TIMEOUT_MS }));
  } catch (error) {
    if (!isFailure(error)) throw error;
    if (!error.retryable) return error.message;
  }
  return whyNotKustomize({ environment });
}
