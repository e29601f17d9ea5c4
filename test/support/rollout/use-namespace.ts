import { beforeEach } from 'mocha';
import type { Cluster } from '../../../adapters/kubernetes/cluster.ts';
import { connectCluster } from '../../../adapters/kubernetes/cluster.ts';
import type { Cluster as TestCluster } from '../cluster/use-cluster.ts';

/** A namespace of its own for each test, in which pods must be as restricted as in production. */
export function useNamespace(testCluster: TestCluster) {
  let cluster: Cluster | undefined;

  function current(): Cluster {
    if (cluster === undefined) throw new Error('The namespace is not there yet');
    return cluster;
  }

  beforeEach('take a namespace', async () => {
    const namespace = await testCluster.newNamespace({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    cluster = connectCluster({ kubeconfig: testCluster.kubeconfig, context: null, namespace });
  });

  function kubectl(...args: string[]): Promise<string> {
    return testCluster.kubectl(['--namespace', current().namespace, ...args]);
  }

  return {
    get cluster() { return current(); },
    get namespace() { return current().namespace; },
    kubectl,
    /** An object as the cluster holds it; null where there is none. */
    async get<T>(kind: string, name = 'barometer-api'): Promise<T | null> {
      const text = await kubectl('get', kind, name, '--ignore-not-found', '--output', 'json');
      return text === '' ? null : (JSON.parse(text) as T);
    },
  };
}
