import { z } from 'zod';
import { runStateSchema } from './run-state.ts';

/** A run that is over, as it is kept in the storage account: Temporal forgets a run when its retention time is up. */
export const filedRunSchema = z
  .object({
    workflowId: z.string(),
    runId: z.string(),
    status: z.enum(['succeeded', 'failed', 'cancelled']),
    /** Why it failed, in plain words. */
    reason: z.string().nullable(),
    /** ISO 8601 in UTC. */
    startedAt: z.string(),
    endedAt: z.string(),
    state: runStateSchema,
  })
  .readonly();
export type FiledRun = z.infer<typeof filedRunSchema>;
