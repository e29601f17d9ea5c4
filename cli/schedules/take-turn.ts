import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { Failure } from '../../domain/failure.ts';
import type { OurSchedule, Turn } from './schedules.ts';
import { listTurns, requireOurs } from './schedules.ts';

const POLL_INTERVAL_MS = 250;

/**
 * Takes a schedule's turn now, also of a paused one, after the one that may be under way; and waits for what becomes of it.
 *
 * @throws Failure `dependency-unavailable` when it has not ended within the limit
 */
export async function takeTurn(client: Client, schedule: OurSchedule, limitMs: number): Promise<Turn> {
  const id = schedule.scheduleId;
  const before = new Set(schedule.info.recentActions.map(({ action }) => action.workflow.firstExecutionRunId));
  await client.schedule.getHandle(id).trigger(ScheduleOverlapPolicy.BUFFER_ONE);
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    const [newest] = await listTurns(client, await requireOurs(client, id), 1);
    if (newest !== undefined && !before.has(newest.runId) && newest.status !== 'running') return newest;
    await wait(POLL_INTERVAL_MS);
  }
  throw new Failure('dependency-unavailable', `The schedule "${id}" was triggered, but its turn has not ended within ${limitMs / 1000} s. Are workers of the roles "pipeline" and "data" running?`);
}
