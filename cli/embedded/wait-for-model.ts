import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { Failure } from '../../domain/failure.ts';

const LIMIT_MS = 30_000;
const CHECK_INTERVAL_MS = 200;

/** Asked of the probe, which wants no key. */
const readySchema = z.looseObject({ model: z.looseObject({ version: z.number() }) });

/**
 * Waits until the API serves a version.
 *
 * @throws Failure `model-unavailable` when it does not after half a minute
 */
export async function waitForModel(apiUrl: string, version: number): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (Date.now() < deadline) {
    if ((await findServedVersion(apiUrl)) === version) return;
    await wait(CHECK_INTERVAL_MS);
  }
  throw new Failure('model-unavailable', `The API does not serve version ${version} after ${LIMIT_MS / 1000} s; see its log.`);
}

async function findServedVersion(apiUrl: string): Promise<number | null> {
  const response = await fetch(`${apiUrl}/readyz`).catch(() => null);
  if (response?.ok !== true) return null;
  const ready = readySchema.safeParse(await response.json());
  return ready.success ? ready.data.model.version : null;
}
