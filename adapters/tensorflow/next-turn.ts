import { setImmediate } from 'node:timers/promises';

/**
 * Lets everything else that waits have its turn: TensorFlow computes in this thread, and without pauses neither a
 * cancellation nor a lost connection would be noticed.
 *
 * @throws the signal's reason, when it is aborted
 */
export async function nextTurn(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}
