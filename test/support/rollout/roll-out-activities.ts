import type { RollOutActivities, RollOutCluster } from '../../../activities/roll-out.ts';
import { createRollOutActivities } from '../../../activities/roll-out.ts';
import { createAzureBlobStore } from '../../../adapters/blob-storage/azure-blob-store.ts';
import { createRunStore } from '../../../adapters/blob-storage/run-store.ts';
import { connectCluster } from '../../../adapters/kubernetes/cluster.ts';
import type { ClusterRolloutOptions } from '../../../adapters/kubernetes/cluster-rollout.ts';
import { createClusterRollout } from '../../../adapters/kubernetes/cluster-rollout.ts';
import { createReleaseRenderer } from '../../../adapters/kubernetes/render-release.ts';
import type { GoldenPrediction } from '../../../domain/golden.ts';
import { GOLDEN } from './api-script.ts';

/** Where a rollout of the tests finds everything; can be handed to another process. */
export interface RolloutPlace {
  readonly kubeconfig: string;
  readonly namespace: string;
  /** Of the storage account. */
  readonly connectionString: string;
  /** The folder that plays the tree of every commit. */
  readonly tree: string;
  readonly overlay: string;
  /** Where kubectl is found. */
  readonly path: string;
}

export interface RollOutOptions {
  readonly deadlineMs?: number;
  readonly pace?: NonNullable<ClusterRolloutOptions['pace']>;
  readonly golden?: readonly GoldenPrediction[];
  /** Changes what the cluster does. */
  readonly intervene?: (real: RollOutCluster) => RollOutCluster;
}

/** Quick, because nothing here is far away. */
export const PACE = { durationMs: 3_000, renewMs: 500, retryMs: 200, pollMs: 200, patienceMs: 3_000, settleMs: 3_000 } as const;

/** The activity on real parts: a cluster, a storage account, kustomize. */
export function createTestRollOut(place: RolloutPlace, { deadlineMs = 60_000, pace = {}, golden = GOLDEN, intervene = (real) => real }: RollOutOptions = {}): RollOutActivities {
  const { kubeconfig, namespace, connectionString, tree, overlay, path } = place;
  const cluster = connectCluster({ kubeconfig, context: null, namespace });
  return createRollOutActivities({
    cluster: intervene(createClusterRollout(cluster, { deadlineMs, pace: { ...PACE, ...pace } })),
    readGolden: () => Promise.resolve(golden),
    renderRelease: createReleaseRenderer({
      config: { overlay, namespace },
      withTree: (_gitSha, _signal, work) => work({ directory: tree }),
      environment: { PATH: path },
    }),
    runs: createRunStore(createAzureBlobStore({ connectionString })),
  });
}
