import type { RunStore } from '../../adapters/blob-storage/run-store.ts';
import type { StartedRun } from '../../cli/pipeline-runs.ts';
import { runStateQuery } from '../../workflows/contract.ts';
import { until } from './until.ts';

/** With it, trainings keep where they stand after each epoch, so that one can be ended in the middle on any machine. */
export const AFTER_EACH_EPOCH = { BAROMETER_CHECKPOINT_SECONDS: '0.001' };

/** Waits until the training of a run has left a checkpoint. (Its heartbeats, which tell of that too, are held back for long.) */
export async function untilCheckpoint({ handle }: StartedRun, runs: RunStore): Promise<void> {
  await until(async () => {
    const state = await handle.query(runStateQuery).catch(() => null);
    return state !== null && (await runs.findCheckpoint(state.runName)) !== null;
  });
}
