import { FIELD_MANAGER } from '../../domain/rollout.ts';

/** The API in the cluster, by the names of the manifests in k8s/. */
export const API = {
  /** The label by which a rollout knows its own objects among all that the manifests hold. */
  componentLabel: 'app.kubernetes.io/component',
  component: 'api',
  deployment: 'barometer-api',
  service: 'barometer-api',
  container: 'api',
  /** Of the container and of the service. */
  port: 'http',
} as const;

/** Whoever changes the API in the cluster holds this Lease. */
export const ROLLOUT_LEASE = FIELD_MANAGER;
