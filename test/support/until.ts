import { setTimeout as wait } from 'node:timers/promises';

const LIMIT_MS = 300_000;
const CHECK_INTERVAL_MS = 50;

/** Waits until something holds that nobody announces. @throws when it does not within five minutes, or the limit given */
export async function until(holds: () => Promise<boolean> | boolean, limitMs = LIMIT_MS): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it did not happen within ${limitMs / 1000} s`);
    await wait(CHECK_INTERVAL_MS);
  }
}
