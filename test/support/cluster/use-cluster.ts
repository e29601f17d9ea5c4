import { randomBytes } from 'node:crypto';
import { after, before } from 'mocha';
import { toReport } from '../../../setup/problem.js';
import type { StartedCluster } from './start-cluster.ts';
import { findGivenCluster, startCluster } from './start-cluster.ts';
import type { KubectlOptions } from './kubectl.ts';
import { runKubectl } from './kubectl.ts';

export interface Cluster {
  /** A kubeconfig file whose user may do everything. */
  readonly kubeconfig: string;
  /** Runs kubectl as that user and gives what it printed. @throws with what it said when it fails */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<string>;
  /** The path of kubectl. */
  readonly kubectlPath: string;
  /** Makes a namespace that nobody else uses; it is deleted after the tests of the file. */
  newNamespace(labels?: Readonly<Record<string, string>>): Promise<string>;
  /** Ends the API server at once. A cluster that somebody else runs has no such switch: the test is skipped there. */
  readonly apiServer: { stop(): Promise<void>; start(): Promise<void> } | null;
}

export interface ClusterOptions {
  /** Whether pods are to run. Without it they stay pending: the test itself may say in their status what became of them. */
  readonly node?: boolean;
}

/** Time to build Kubernetes, where that is necessary, and to wait for the node of another test run. */
const SETUP_LIMIT_MS = 1_800_000;

interface Shared {
  users: number;
  cluster: Promise<StartedCluster> | null;
}
const shared: Readonly<Record<'node' | 'noNode', Shared>> = { node: { users: 0, cluster: null }, noNode: { users: 0, cluster: null } };

async function stop(each: Shared): Promise<void> {
  const cluster = await each.cluster?.catch(() => null);
  each.cluster = null;
  await cluster?.stop();
}

// Suites that a filter leaves out never say that they are done.
after('end the clusters', async () => {
  await Promise.all(Object.values(shared).map(stop));
});

/**
 * A real Kubernetes cluster for the tests of a file: the one of BAROMETER_TEST_KUBECONFIG, or one that is started before
 * them and ended after the last file that uses it. Where it can't be had the tests are skipped, and say why; with
 * BAROMETER_TEST_CLUSTER=required they fail.
 */
export function useCluster({ node = false }: ClusterOptions = {}): Cluster {
  const mine = shared[node ? 'node' : 'noNode'];
  const namespaces: string[] = [];
  let started: StartedCluster | undefined;
  mine.users += 1;

  function running(): StartedCluster {
    if (started === undefined) throw new Error('The cluster is not started yet');
    return started;
  }

  async function kubectl(args: readonly string[], options?: KubectlOptions): Promise<string> {
    const { stdout } = await runKubectl(running().kubectlPath, ['--kubeconfig', running().kubeconfig, ...args], options);
    return stdout;
  }

  before(node ? 'start a cluster with a node' : 'start a cluster', async function () {
    this.timeout(SETUP_LIMIT_MS);
    try {
      mine.cluster ??= findGivenCluster() ?? startCluster({ node });
      started = await mine.cluster;
    } catch (error) {
      if (process.env['BAROMETER_TEST_CLUSTER'] === 'required') throw error;
      console.error(`These tests are skipped: there is no Kubernetes cluster${node ? ' with a node' : ''}. ${toReport(error)}`);
      this.skip();
    }
  });

  after('give the cluster back', async () => {
    mine.users -= 1;
    // A test that failed may have left it stopped.
    await started?.apiServer?.start();
    if (namespaces.length > 0) await kubectl(['delete', 'namespace', '--wait=false', ...namespaces]);
    if (mine.users === 0) await stop(mine);
  });

  return {
    get kubeconfig() { return running().kubeconfig; },
    get kubectlPath() { return running().kubectlPath; },
    get apiServer() { return running().apiServer; },
    kubectl,
    async newNamespace(labels = {}) {
      const name = `test-${randomBytes(4).toString('hex')}`;
      namespaces.push(name);
      await kubectl(['create', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }) });
      return name;
    },
  };
}
