import type { Client, WorkflowHandle } from '@temporalio/client';
import { Failure } from '../../domain/failure.ts';
import { MOOD_ALERT_WORKFLOW, toTaskQueue } from '../../domain/names.ts';
import type { MoodAlertInput } from '../../domain/mood-alert.ts';
import { toAnnouncement } from '../../domain/notification.ts';
import { scheduledRunInputSchema } from '../../domain/scheduled-run.ts';
import { SCHEDULED_RUN_WORKFLOW } from '../../workflows/contract.ts';
import { createFakeActivities } from '../support/fake-activities.ts';
import type { PipelineActivities } from '../support/fake-activities.ts';
import { FIGHT, toMoodAlertInput } from '../support/mood-alerts.ts';
import { toRunState } from '../support/run-states.ts';

/** One way in which a workflow beside the pipeline goes, and so the name of one recorded history. */
export interface LoneScenario {
  readonly name: string;
  readonly workflowType: string;
  readonly input: unknown;
  readonly activities: PipelineActivities;
}

const OCCASION = { at: '2026-11-24T02:10:00.000Z', workflowId: 'a-workflow', runId: 'a-run' };
const DELIVERY = { target: 'webhook', announcement: toAnnouncement(toRunState(), 'succeeded', OCCASION) };
/** No other scenario's commit: a run that is started here outlives the scenario. */
const TURN = scheduledRunInputSchema.parse({ when: 'on uploads', gitSha: 'd'.repeat(40), run: { deploy: 'off' }, onlyIfNewData: true, settleMinutes: 10 });
const UNCHANGED = { images: 12, digest: 'a', isChanged: false, newImages: 0, newestAgeMs: null, oldestAgeMs: null };

/** Of now, for an alert of another day is of no use to anybody; with a cool-down that a recording can wait for. */
const toAlert = (rule: string): MoodAlertInput => toMoodAlertInput({ rule: { ...FIGHT, id: rule, coolDownSeconds: 1 } });

export const LONE_SCENARIOS: readonly LoneScenario[] = [
  { name: 'delivered', workflowType: 'deliverNotification', input: DELIVERY, activities: createFakeActivities() },
  {
    name: 'undelivered',
    workflowType: 'deliverNotification',
    input: DELIVERY,
    activities: createFakeActivities({ deliver: () => Promise.reject(new Failure('delivery-refused', 'It is not taken.')) }),
  },
  { name: 'scheduled-by-clock', workflowType: SCHEDULED_RUN_WORKFLOW, input: { ...TURN, gitSha: 'e'.repeat(40), onlyIfNewData: false }, activities: createFakeActivities() },
  { name: 'scheduled-on-upload', workflowType: SCHEDULED_RUN_WORKFLOW, input: TURN, activities: createFakeActivities() },
  { name: 'scheduled-nothing-new', workflowType: SCHEDULED_RUN_WORKFLOW, input: TURN, activities: createFakeActivities({ checkNewImages: async () => UNCHANGED }) },
  {
    name: 'scheduled-joined',
    workflowType: SCHEDULED_RUN_WORKFLOW,
    input: TURN,
    activities: createFakeActivities({ findRunUnderWay: async () => ({ gitSha: 'd'.repeat(40), runId: 'another-run' }) }),
  },
  { name: 'alert-delivered', workflowType: MOOD_ALERT_WORKFLOW, input: toAlert('fight'), activities: createFakeActivities() },
  {
    name: 'alert-delivered-at-last',
    workflowType: MOOD_ALERT_WORKFLOW,
    input: toAlert('fight-late'),
    activities: createFakeActivities({ deliverMoodAlert: failTwice(new Failure('dependency-unavailable', 'It is away.')) }),
  },
  {
    name: 'alert-refused',
    workflowType: MOOD_ALERT_WORKFLOW,
    input: toAlert('fight-refused'),
    activities: createFakeActivities({ deliverMoodAlert: () => Promise.reject(new Failure('delivery-refused', 'It is not taken.')) }),
  },
  {
    name: 'alert-too-late',
    workflowType: MOOD_ALERT_WORKFLOW,
    input: { ...toAlert('fight-over'), at: '2026-11-24T02:10:00.000Z' },
    activities: createFakeActivities(),
  },
];

/** Runs a scenario to its end, whatever that is; workers for it must stand by. */
export async function playAlone({ name, workflowType, input }: LoneScenario, client: Client): Promise<WorkflowHandle> {
  const handle = await client.workflow.start(workflowType, { workflowId: name, taskQueue: toTaskQueue('pipeline'), args: [input] });
  await handle.result().catch(() => undefined);
  return handle;
}

function failTwice(failure: Failure): () => Promise<void> {
  let tries = 0;
  return async () => {
    tries += 1;
    if (tries <= 2) throw failure;
  };
}
