import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { AcquireOptions, LeaseHolder, LeasePace } from './acquire-lease.ts';
import { acquireLease } from './acquire-lease.ts';
import type { Cluster } from './cluster.ts';
import { createLeaseRecord, toMicroTime } from './lease-record.ts';

export interface HeldLease {
  /** Aborted when somebody else has taken the lease. */
  readonly lost: AbortSignal;
  /** Makes sure that the lease is still ours; to be asked before every change. @throws Failure `write-conflict` when it is not */
  confirm(): Promise<void>;
}

export interface LeaseOptions extends AcquireOptions {
  readonly pace?: Partial<LeasePace>;
}

/** As client-go's leader election. */
const LEASE_PACE: LeasePace = { durationMs: 15_000, renewMs: 5_000, retryMs: 2_000 };

/**
 * Does work while nobody else who asks for the lease does, in this cluster's namespace.
 *
 * @throws Failure `dependency-unavailable` when another one holds it beyond the limit; `write-conflict` when it was taken
 *   from us; whatever the work throws
 */
export async function holdLease<T>(cluster: Cluster, holder: LeaseHolder, options: LeaseOptions, work: (lease: HeldLease) => Promise<T>): Promise<T> {
  const pace = { ...LEASE_PACE, ...options.pace };
  const record = createLeaseRecord(cluster);
  /** Another attempt of the same run is another holder. */
  const identity = `${holder.name}/${randomUUID()}`;
  let held = await acquireLease(record, { ...holder, identity }, options, pace);

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

  async function keepRenewing(): Promise<void> {
    while (!lost.signal.aborted) {
      const isOver = await wait(pace.renewMs, false, { signal: ended.signal }).catch(() => true);
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
        held = await record.write({ metadata: held.metadata, spec: { ...held.spec, renewTime: toMicroTime() } });
      } catch (error) {
        await refuseTaken(error);
      }
    });
    return renewing;
  }

  /** A conflict may also be with our own write, whose answer was lost, or with somebody's label. */
  async function refuseTaken(error: unknown): Promise<void> {
    if (!isFailure(error, 'write-conflict') && !isFailure(error, 'not-found')) throw error;
    const found = await record.find();
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
    await record.write({ metadata: held.metadata, spec: { ...held.spec, holderIdentity: '', renewTime: toMicroTime() } }).catch(() => undefined);
  }
}
