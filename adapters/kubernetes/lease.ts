import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure, isFailure } from '../../domain/failure.ts';
import { ROLLOUT_MARKS } from '../../domain/rollout.ts';
import type { Cluster } from './cluster.ts';
import { orNull } from './cluster.ts';
import { ROLLOUT_LEASE } from './names.ts';

export interface LeaseHolder {
  /** A later attempt under the same name takes the lease over at once. */
  readonly name: string;
  /** What the holder works on, for those who wait. */
  readonly gitSha: string | null;
}

export interface HeldLease {
  /** Aborted when somebody else has taken the lease. */
  readonly lost: AbortSignal;
  /** Makes sure that the lease is still ours; to be asked before every change. @throws Failure `write-conflict` when it is not */
  confirm(): Promise<void>;
}

export interface LeaseOptions {
  readonly signal: AbortSignal;
  /** How long to wait for another holder. */
  readonly limitMs: number;
  /** Told while another one holds it. */
  readonly onWait: (note: string) => void;
  readonly pace?: Partial<LeasePace>;
}

export interface LeasePace {
  /** A holder that was not seen to renew for so long is dead. */
  readonly durationMs: number;
  readonly renewMs: number;
  readonly retryMs: number;
}

/** As client-go's leader election. */
export const LEASE_PACE: LeasePace = { durationMs: 15_000, renewMs: 5_000, retryMs: 2_000 };

interface Lease {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly holderIdentity?: string | null;
    readonly leaseDurationSeconds?: number | null;
    readonly acquireTime?: string | null;
    readonly renewTime?: string | null;
    readonly leaseTransitions?: number | null;
  };
}

/**
 * Does work while nobody else who asks for the lease does, in this cluster's namespace. Clocks are not compared: who waits
 * watches with their own clock whether the holder renews, and starts over when the API server was away meanwhile, for then
 * the holder could not renew either.
 *
 * @throws Failure `dependency-unavailable` when another one holds it beyond the limit; `write-conflict` when it was taken
 *   from us; whatever the work throws
 */
export async function holdLease<T>(cluster: Cluster, holder: LeaseHolder, options: LeaseOptions, work: (lease: HeldLease) => Promise<T>): Promise<T> {
  const pace = { ...LEASE_PACE, ...options.pace };
  const path = `/apis/coordination.k8s.io/v1/namespaces/${cluster.namespace}/leases`;
  const what = `Lease ${ROLLOUT_LEASE}`;
  /** Another attempt of the same run is another holder. */
  const identity = `${holder.name}/${randomUUID()}`;
  let held = await acquire();

  const ended = new AbortController();
  const lost = new AbortController();
  let renewing: Promise<void> = Promise.resolve();
  const renewals = keepRenewing();
  try {
    return await work({ lost: lost.signal, confirm: renew });
  } finally {
    ended.abort();
    await renewals;
    await release();
  }

  async function acquire(): Promise<Lease> {
    const startedAt = performance.now();
    let seen = null as { readonly version: string; readonly at: number } | null;
    for (;;) {
      options.signal.throwIfAborted();
      try {
        const found = await orNull(cluster.ask<Lease>({ path: `${path}/${ROLLOUT_LEASE}`, what, signal: options.signal }));
        const version = found?.metadata.resourceVersion ?? '';
        if (seen?.version !== version) seen = { version, at: performance.now() };
        if (found === null || isFree(found) || performance.now() - seen.at >= toDurationMs(found)) return await take(found);
        options.onWait(`waits for ${toHolderText(found)}`);
      } catch (error) {
        if (isFailure(error, 'dependency-unavailable')) options.onWait('the API server of the cluster does not answer; waiting for it');
        else if (!isFailure(error, 'write-conflict')) throw error;
        seen = null;
      }
      if (performance.now() - startedAt >= options.limitMs) {
        throw new Failure('dependency-unavailable', `Another rollout is under way in namespace ${cluster.namespace}, and has not ended after ${Math.round(options.limitMs / 1000)} s.`);
      }
      await pause(pace.retryMs, options.signal);
    }
  }

  function isFree({ spec }: Lease): boolean {
    const by = spec.holderIdentity ?? '';
    return by === '' || by.startsWith(`${holder.name}/`);
  }

  function toDurationMs({ spec }: Lease): number {
    return (spec.leaseDurationSeconds ?? pace.durationMs / 1000) * 1000;
  }

  function take(found: Lease | null): Promise<Lease> {
    const now = toMicroTime();
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(pace.durationMs / 1000),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: (found?.spec.leaseTransitions ?? -1) + 1,
    };
    return write({ metadata: { name: ROLLOUT_LEASE, ...toVersion(found), annotations: toAnnotations() }, spec });
  }

  function toAnnotations(): Record<string, string> {
    return holder.gitSha === null ? {} : { [ROLLOUT_MARKS.gitSha]: holder.gitSha };
  }

  /** A version that is not the newest any more is refused: of two who take the lease, one gets it. */
  function write({ metadata, spec }: Lease): Promise<Lease> {
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    const isNew = metadata.resourceVersion === undefined;
    return cluster.ask<Lease>({ method: isNew ? 'POST' : 'PUT', path: isNew ? path : `${path}/${ROLLOUT_LEASE}`, body, what });
  }

  async function keepRenewing(): Promise<void> {
    while (!lost.signal.aborted) {
      const isOver = await pause(pace.renewMs, ended.signal).then(() => false, () => true);
      if (isOver) return;
      // While the API server is away nobody can take the lease, and `confirm` stands before every change.
      await renew().catch(() => undefined);
    }
  }

  /** One after the other, for each must know the version that the one before has written. */
  function renew(): Promise<void> {
    renewing = renewing.catch(() => undefined).then(async () => {
      lost.signal.throwIfAborted();
      try {
        held = await write({ metadata: held.metadata, spec: { ...held.spec, renewTime: toMicroTime() } });
      } catch (error) {
        await refuseTaken(error);
      }
    });
    return renewing;
  }

  /** A conflict may also be with our own write, whose answer was lost, or with somebody's label. */
  async function refuseTaken(error: unknown): Promise<void> {
    if (!isFailure(error, 'write-conflict') && !isFailure(error, 'not-found')) throw error;
    const found = await orNull(cluster.ask<Lease>({ path: `${path}/${ROLLOUT_LEASE}`, what }));
    if (found?.spec.holderIdentity === identity) {
      held = found;
      return;
    }
    const taken = new Failure('write-conflict', 'Another rollout has taken over while this one could not be heard of; this one stops.');
    lost.abort(taken);
    throw taken;
  }

  /** Where this can't be done, the lease runs out. */
  async function release(): Promise<void> {
    if (lost.signal.aborted) return;
    await write({ metadata: held.metadata, spec: { ...held.spec, holderIdentity: '', renewTime: toMicroTime() } }).catch(() => undefined);
  }
}

function toHolderText({ metadata, spec }: Lease): string {
  const gitSha = metadata.annotations?.[ROLLOUT_MARKS.gitSha];
  const [name = ''] = (spec.holderIdentity ?? '').split('/');
  return gitSha === undefined ? 'somebody who undoes a rollout' : `the rollout of commit ${gitSha} (run ${name})`;
}

function toVersion(found: Lease | null): { resourceVersion?: string } {
  return found?.metadata.resourceVersion === undefined ? {} : { resourceVersion: found.metadata.resourceVersion };
}

/** The API wants microseconds. */
function toMicroTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => {
    signal.throwIfAborted();
  });
}
