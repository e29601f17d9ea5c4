import { setTimeout as wait } from 'node:timers/promises';

/** What people read while an API server that is away is waited for. */
export const AWAY = 'the API server of the cluster does not answer; waiting for it';

/** Waits between two looks. @throws the signal's reason when aborted */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => {
    signal.throwIfAborted();
  });
}
