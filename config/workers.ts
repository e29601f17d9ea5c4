import { z } from 'zod';
import type { Given } from './setting.ts';
import { amount } from './setting.ts';

/** How workers come and go. */
export const workerSettings = {
  /** A run is finished by workers of the commit that began it. All workers of an installation must agree. */
  BAROMETER_WORKER_VERSIONING: z.stringbool().default(false),
  /** How long a step may go on when its worker is told to end; then another worker takes it over. */
  BAROMETER_SHUTDOWN_GRACE_SECONDS: amount(10),
};

export interface WorkerConfig {
  readonly versioning: boolean;
  readonly shutdownGraceMs: number;
}

export function toWorkerConfig(given: Given<typeof workerSettings>): WorkerConfig {
  return { versioning: given.BAROMETER_WORKER_VERSIONING, shutdownGraceMs: given.BAROMETER_SHUTDOWN_GRACE_SECONDS * 1000 };
}
