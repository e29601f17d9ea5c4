import { dirname } from 'node:path';
import { beforeEach } from 'mocha';
import type { MockActivityEnvironment } from '@temporalio/testing';
import type { RollOutDependencies, RollOutRequest } from '../../../activities/roll-out.ts';
import { createRollOutActivities } from '../../../activities/roll-out.ts';
import type { Cluster } from '../../../adapters/kubernetes/cluster.ts';
import { connectCluster } from '../../../adapters/kubernetes/cluster.ts';
import type { ClusterRolloutOptions } from '../../../adapters/kubernetes/cluster-rollout.ts';
import { createClusterRollout } from '../../../adapters/kubernetes/cluster-rollout.ts';
import { createReleaseRenderer } from '../../../adapters/kubernetes/render-release.ts';
import { createRunStore } from '../../../adapters/blob-storage/run-store.ts';
import type { RunStore } from '../../../adapters/blob-storage/run-store.ts';
import type { GoldenPrediction } from '../../../domain/golden.ts';
import type { RolloutResult } from '../../../domain/rollout.ts';
import { useAzurite } from '../azurite.ts';
import type { Cluster as TestCluster } from '../cluster/use-cluster.ts';
import { createActivityEnvironment } from '../run-activity.ts';
import type { OverlayOptions } from './api-overlay.ts';
import { useOverlay } from './api-overlay.ts';
import { GOLDEN } from './api-script.ts';

/** Quick, because nothing here is far away. */
export const PACE = { durationMs: 3_000, renewMs: 500, retryMs: 200, pollMs: 200, patienceMs: 3_000, settleMs: 3_000 } as const;

export interface RollOutOptions {
  readonly environment?: MockActivityEnvironment;
  readonly deadlineMs?: number;
  readonly pace?: ClusterRolloutOptions['pace'];
  readonly golden?: readonly GoldenPrediction[];
  readonly cluster?: (real: RollOutDependencies['cluster']) => RollOutDependencies['cluster'];
}

export interface RolledOut {
  readonly result: RolloutResult;
  readonly notes: readonly string[];
}

/** Everything that a rollout needs, in a namespace of its own for each test. */
export function useRolloutRig(testCluster: TestCluster) {
  const azurite = useAzurite();
  const overlay = useOverlay();
  const rig = { namespace: '', cluster: undefined as unknown as Cluster, runs: undefined as unknown as RunStore };

  beforeEach('take a namespace', async () => {
    rig.namespace = await testCluster.newNamespace({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    rig.cluster = connectCluster({ kubeconfig: testCluster.kubeconfig, context: null, namespace: rig.namespace });
    rig.runs = createRunStore(await azurite.newStore());
    overlay.write({ namespace: rig.namespace });
  });

  function toActivities({ deadlineMs = 60_000, pace = PACE, golden = GOLDEN, cluster = (real) => real }: RollOutOptions) {
    return createRollOutActivities({
      cluster: cluster(createClusterRollout(rig.cluster, { deadlineMs, pace })),
      readGolden: () => Promise.resolve(golden),
      renderRelease: createReleaseRenderer({
        config: { overlay: overlay.overlay, namespace: rig.namespace },
        withTree: overlay.withTree,
        environment: { PATH: `${dirname(testCluster.kubectlPath)}:${process.env['PATH'] ?? ''}` },
      }),
      runs: rig.runs,
    });
  }

  return {
    get namespace() { return rig.namespace; },
    get cluster() { return rig.cluster; },
    get runs() { return rig.runs; },
    writeOverlay(options: Omit<OverlayOptions, 'namespace'>): void {
      overlay.write({ namespace: rig.namespace, ...options });
    },
    async rollOut(request: RollOutRequest, { environment = createActivityEnvironment(), ...options }: RollOutOptions = {}): Promise<RolledOut> {
      const notes: string[] = [];
      environment.on('heartbeat', (details: { note?: string } | undefined) => {
        if (details?.note !== undefined && details.note !== notes.at(-1)) notes.push(details.note);
      });
      return { result: await environment.run(toActivities(options).rollOut, request), notes };
    },
    /** One of the API's objects as JSON; null where there is none. */
    async get<T>(kind: string, name = 'barometer-api'): Promise<T | null> {
      const text = await testCluster.kubectl(['--namespace', rig.namespace, 'get', kind, name, '--ignore-not-found', '--output', 'json']);
      return text === '' ? null : (JSON.parse(text) as T);
    },
    kubectl: (...args: string[]) => testCluster.kubectl(['--namespace', rig.namespace, ...args]),
  };
}
