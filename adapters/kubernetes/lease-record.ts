import { ROLLOUT_MARKS } from '../../domain/rollout.ts';
import type { Cluster } from './cluster.ts';
import { orNull } from './cluster.ts';
import { ROLLOUT_LEASE } from './names.ts';
import type { Asking } from './resources.ts';

/** As the cluster holds it (coordination.k8s.io/v1). */
export interface Lease {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    /** `<name>/<attempt>`; empty when nobody holds it. */
    readonly holderIdentity?: string | null;
    readonly leaseDurationSeconds?: number | null;
    readonly acquireTime?: string | null;
    readonly renewTime?: string | null;
    readonly leaseTransitions?: number | null;
  };
}

/** The Lease of rollouts in the cluster's namespace. Both fail as {@link Cluster.ask} does. */
export interface LeaseRecord {
  find(options?: Asking): Promise<Lease | null>;
  /** Of two who write on top of the same version, one gets a Failure `write-conflict`. */
  write(lease: Lease): Promise<Lease>;
}

export function createLeaseRecord(cluster: Cluster): LeaseRecord {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${cluster.namespace}/leases`;
  const what = `Lease ${ROLLOUT_LEASE}`;
  return {
    find: ({ signal } = {}) => orNull(cluster.ask<Lease>({ path: `${path}/${ROLLOUT_LEASE}`, what, signal })),
    write({ metadata, spec }) {
      const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
      const isNew = metadata.resourceVersion === undefined;
      return cluster.ask<Lease>({ method: isNew ? 'POST' : 'PUT', path: isNew ? path : `${path}/${ROLLOUT_LEASE}`, body, what });
    },
  };
}

/** Who holds it, for those who wait. */
export function toHolderText({ metadata, spec }: Lease): string {
  const gitSha = metadata.annotations?.[ROLLOUT_MARKS.gitSha];
  const [name = ''] = (spec.holderIdentity ?? '').split('/');
  return gitSha === undefined ? 'somebody who undoes a rollout' : `the rollout of commit ${gitSha} (run ${name})`;
}

/** The API wants microseconds. */
export function toMicroTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
