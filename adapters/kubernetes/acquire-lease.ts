import { Failure, isFailure } from '../../domain/failure.ts';
import { ROLLOUT_MARKS } from '../../domain/rollout.ts';
import type { Lease, LeaseRecord } from './lease-record.ts';
import { toHolderText, toMicroTime } from './lease-record.ts';
import { ROLLOUT_LEASE } from './names.ts';
import { AWAY, pause } from './pause.ts';

export interface LeaseHolder {
  /** A later attempt under the same name takes the lease over at once. */
  readonly name: string;
  /** What the holder works on, for those who wait. */
  readonly gitSha: string | null;
}

export interface AcquireOptions {
  readonly signal: AbortSignal;
  /** How long to wait for another holder. */
  readonly limitMs: number;
  /** Told while another one holds it. */
  readonly onWait: (note: string) => void;
}

export interface LeasePace {
  /** A holder that was not seen to renew for so long is dead. */
  readonly durationMs: number;
  readonly renewMs: number;
  readonly retryMs: number;
}

/**
 * Waits until the lease is free, or its holder dead, and takes it. Clocks are not compared: who waits watches with their own
 * clock whether the holder renews, and starts over when the API server was away meanwhile, for then the holder could not
 * renew either.
 *
 * @throws Failure `dependency-unavailable` when it can't be had within the limit
 */
export async function acquireLease(record: LeaseRecord, holder: LeaseHolder & { readonly identity: string }, { signal, limitMs, onWait }: AcquireOptions, pace: LeasePace): Promise<Lease> {
  const startedAt = performance.now();
  let seen = null as { readonly version: string; readonly at: number } | null;
  for (;;) {
    signal.throwIfAborted();
    let note = 'waits for its turn';
    try {
      const found = await record.find({ signal });
      const version = found?.metadata.resourceVersion ?? '';
      if (seen?.version !== version) seen = { version, at: performance.now() };
      if (found === null || isFree(found, holder) || performance.now() - seen.at >= toDurationMs(found, pace)) return await record.write(toTaken(found, holder, pace));
      note = `waits for ${toHolderText(found)}`;
    } catch (error) {
      if (isFailure(error, 'dependency-unavailable')) note = AWAY;
      else if (!isFailure(error, 'write-conflict')) throw error;
      seen = null;
    }
    onWait(note);
    if (performance.now() - startedAt >= limitMs) {
      throw new Failure('dependency-unavailable', `The rollout did not get its turn within ${Math.round(limitMs / 1000)} s. The last that was known: ${note}.`);
    }
    await pause(pace.retryMs, signal);
  }
}

function isFree({ spec }: Lease, { name }: LeaseHolder): boolean {
  const by = spec.holderIdentity ?? '';
  return by === '' || by.startsWith(`${name}/`);
}

function toDurationMs({ spec }: Lease, { durationMs }: LeasePace): number {
  return (spec.leaseDurationSeconds ?? durationMs / 1000) * 1000;
}

function toTaken(found: Lease | null, { gitSha, identity }: LeaseHolder & { readonly identity: string }, { durationMs }: LeasePace): Lease {
  const now = toMicroTime();
  const version = found?.metadata.resourceVersion;
  return {
    metadata: { name: ROLLOUT_LEASE, ...(version !== undefined && { resourceVersion: version }), annotations: gitSha === null ? {} : { [ROLLOUT_MARKS.gitSha]: gitSha } },
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: (found?.spec.leaseTransitions ?? -1) + 1,
    },
  };
}
