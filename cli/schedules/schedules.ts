import type { Client, ScheduleDescription, ScheduleHandle } from '@temporalio/client';
import { ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { Failure } from '../../domain/failure.ts';
import { toScheduledRunId, toTaskQueue } from '../../domain/names.ts';
import type { ScheduledRunInput, ScheduledRunResult } from '../../domain/scheduled-run.ts';
import { SCHEDULED_RUN_WORKFLOW } from '../../workflows/contract.ts';
import type { When } from './when.ts';

export interface ScheduleRequest {
  readonly id: string;
  readonly when: When;
  readonly input: ScheduledRunInput;
}

/** Turns that were missed because the server was away are made up for within this time, all of them by one. */
const CATCH_UP_WINDOW = '1 hour';
/** A turn only looks and starts; one that hangs must not keep the others from being taken. */
const TURN_LIMIT = '1 hour';

/**
 * Makes a schedule, or changes the one of that name into this; a paused one stays paused.
 *
 * @throws Failure `input-invalid` when a schedule of that name starts something else
 */
export async function putSchedule(client: Client, { id, when, input }: ScheduleRequest): Promise<'created' | 'updated'> {
  const options = {
    spec: when.spec,
    action: {
      type: 'startWorkflow' as const,
      workflowType: SCHEDULED_RUN_WORKFLOW,
      workflowId: toScheduledRunId(id),
      taskQueue: toTaskQueue('pipeline'),
      args: [input],
      workflowExecutionTimeout: TURN_LIMIT,
      staticSummary: `Schedule ${id}: ${input.when}`,
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP_WINDOW, pauseOnFailure: false },
  } as const;
  const note = `Barometer: ${input.when}`;
  try {
    await client.schedule.create({ scheduleId: id, ...options, state: { note } });
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  const { state } = await requireOurs(client, id);
  await client.schedule.getHandle(id).update(() => ({ ...options, state: { ...state, note: state.paused ? (state.note ?? note) : note } }));
  return 'updated';
}

/** A schedule, and what it asks for. */
export interface OurSchedule extends ScheduleDescription {
  readonly input: ScheduledRunInput;
}

/** @throws Failure `not-found`; `input-invalid` when a schedule of that name starts something else */
export async function requireOurs(client: Client, id: string): Promise<OurSchedule> {
  const description = await describe(client.schedule.getHandle(id));
  const { action } = description;
  if (action.workflowType !== SCHEDULED_RUN_WORKFLOW) throw new Failure('input-invalid', `The schedule "${id}" is not Barometer's: it starts workflows of the type ${action.workflowType}.`);
  return { ...description, input: action.args?.[0] as ScheduledRunInput };
}

async function describe(handle: ScheduleHandle): Promise<ScheduleDescription> {
  try {
    return await handle.describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) throw new Failure('not-found', `There is no schedule "${handle.scheduleId}". \`barometer schedule list\` names those that there are.`, { cause: error });
    throw error;
  }
}

/** All of them that start runs, by their names. */
export async function listOurs(client: Client): Promise<OurSchedule[]> {
  const ids: string[] = [];
  for await (const { scheduleId, action } of client.schedule.list()) {
    if (action?.workflowType === SCHEDULED_RUN_WORKFLOW) ids.push(scheduleId);
  }
  return Promise.all(ids.sort().map((id) => requireOurs(client, id)));
}

/** A turn that a schedule has taken. */
export interface Turn {
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly status: string;
  /** Null while it is under way, and when it failed. */
  readonly result: ScheduledRunResult | null;
}

/** The last turns of a schedule, the newest first. */
export async function listTurns(client: Client, { info }: ScheduleDescription, most: number): Promise<Turn[]> {
  return Promise.all(
    info.recentActions.toReversed().slice(0, most).map(async ({ takenAt, action: { workflow } }) => {
      const { workflowId, firstExecutionRunId: runId } = workflow;
      return { at: takenAt.toISOString(), workflowId, runId, ...(await readTurn(client, workflowId, runId)) };
    }),
  );
}

async function readTurn(client: Client, workflowId: string, runId: string): Promise<Pick<Turn, 'status' | 'result'>> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const { status } = await handle.describe();
  const isDone = status.name === 'COMPLETED';
  return { status: status.name.toLowerCase(), result: isDone ? ((await handle.result()) as ScheduledRunResult) : null };
}
