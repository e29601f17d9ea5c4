import { z } from 'zod';
import type { Given } from './setting.ts';
import { count } from './setting.ts';

/** The Kubernetes cluster that images are rolled out to. */
export const clusterSettings = {
  /** A kubeconfig file, or `in-cluster` for the service account of the pod. Nothing is rolled out when not given. */
  BAROMETER_KUBECONFIG: z.string().optional(),
  /** The kubeconfig's current context when not given. */
  BAROMETER_KUBE_CONTEXT: z.string().optional(),
  BAROMETER_KUBE_NAMESPACE: z.string().default('barometer'),
  /** The kustomize overlay, a folder of the commit's tree. */
  BAROMETER_KUBE_OVERLAY: z.string().default('k8s/overlays/local'),
  /** A rollout that has not come up by then is undone. */
  BAROMETER_ROLLOUT_DEADLINE_SECONDS: count(600),
};

export interface ClusterConfig {
  /** A file, or `in-cluster`; null: nothing is rolled out. */
  readonly kubeconfig: string | null;
  readonly context: string | null;
  readonly namespace: string;
  readonly overlay: string;
  readonly deadlineMs: number;
}

export function toClusterConfig(given: Given<typeof clusterSettings>): ClusterConfig {
  return {
    kubeconfig: given.BAROMETER_KUBECONFIG ?? null,
    context: given.BAROMETER_KUBE_CONTEXT ?? null,
    namespace: given.BAROMETER_KUBE_NAMESPACE,
    overlay: given.BAROMETER_KUBE_OVERLAY,
    deadlineMs: given.BAROMETER_ROLLOUT_DEADLINE_SECONDS * 1000,
  };
}
