import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';
import { Failure } from '../../domain/failure.ts';
import type { MoodAlertInput } from '../../domain/mood-alert.ts';
import { ALERT_USEFUL_MS, moodAlertInputSchema } from '../../domain/mood-alert.ts';
import { MOOD_ALERT_WORKFLOW, toMoodAlertWorkflowId, toTaskQueue } from '../../domain/names.ts';
import type { PipelineActivities } from '../support/fake-activities.ts';
import { createFakeActivities } from '../support/fake-activities.ts';
import { FIGHT, toMoodAlertInput } from '../support/mood-alerts.ts';
import { withWorkers } from '../support/pipeline-workers.ts';
import { useTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

type Recorded = Parameters<PipelineActivities['recordMoodAlert']>[0];
const AWAY = new Failure('dependency-unavailable', 'It is away.');

describe('an alert of a mood', () => {
  const temporal = useTemporal();
  let venues = 0;

  /** Each in a venue of its own, so that none joins another test's. */
  const toInput = (overrides: Partial<MoodAlertInput> = {}) => toMoodAlertInput({ venue: `venue-${(venues += 1)}`, rule: { ...FIGHT, coolDownSeconds: 0 }, ...overrides });

  const start = (input: MoodAlertInput): Promise<WorkflowHandle> =>
    temporal.env.client.workflow.start(MOOD_ALERT_WORKFLOW, {
      workflowId: toMoodAlertWorkflowId(input.venue, input.rule.id),
      taskQueue: toTaskQueue('pipeline'),
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [moodAlertInputSchema.parse(input)],
    });

  /** `answers`: what each try ends with; those after the last succeed. */
  function createAlerting(answers: readonly Failure[] = []) {
    const sent: MoodAlertInput[] = [];
    const recorded: Recorded[] = [];
    const activities = createFakeActivities({
      async deliverMoodAlert(input) {
        sent.push(input);
        const failure = answers[sent.length - 1];
        if (failure !== undefined) throw failure;
      },
      async recordMoodAlert(record) { recorded.push(record); },
    });
    return { sent, recorded, activities };
  }

  async function play(answers: readonly Failure[], input = toInput()) {
    const { sent, recorded, activities } = createAlerting(answers);
    await withWorkers(temporal.env, activities, async () => { await (await start(input)).result(); });
    assert.equal(recorded.length, 1);
    const [{ alert, delivery }] = recorded as [Recorded];
    assert.deepEqual(alert, input);
    return { sent, delivery };
  }

  it('that is taken is sent once and kept as delivered', async () => {
    const { sent, delivery } = await play([]);
    assert.equal(sent.length, 1);
    assert.deepEqual({ ...delivery, endedAt: '' }, { status: 'delivered', tries: 1, reason: null, endedAt: '' });
  });

  it('is sent again while the receiver is away, always the same', async () => {
    const { sent, delivery } = await play([AWAY, AWAY]);
    assert.deepEqual(sent, [sent[0], sent[0], sent[0]]);
    assert.deepEqual({ ...delivery, endedAt: '' }, { status: 'delivered', tries: 3, reason: null, endedAt: '' });
  });

  it('is not sent again when it is refused, and why is kept', async () => {
    const { sent, delivery } = await play([new Failure('delivery-refused', 'It is not taken (404).')]);
    assert.equal(sent.length, 1);
    assert.deepEqual({ ...delivery, endedAt: '' }, { status: 'undelivered', tries: 1, reason: 'It is not taken (404).', endedAt: '' });
  });

  it('is given up when it would be of no use any more, with the last reason', async () => {
    // Of almost ten minutes ago: the second try would come too late.
    const at = new Date(Date.now() - ALERT_USEFUL_MS + 5_000).toISOString();
    const { delivery } = await play([new Failure('dependency-unavailable', 'It is busy.', { retryAfterMs: 60_000 }), AWAY], toInput({ at }));
    assert.deepEqual({ ...delivery, endedAt: '' }, { status: 'undelivered', tries: 1, reason: 'It is busy.', endedAt: '' });
  });

  it('is not sent at all when it comes too late', async () => {
    const { sent, delivery } = await play([], toInput({ at: new Date(Date.now() - ALERT_USEFUL_MS).toISOString() }));
    assert.equal(sent.length, 0);
    assert.deepEqual({ status: delivery.status, tries: delivery.tries }, { status: 'undelivered', tries: 0 });
  });

  it('is joined by everybody who sees the same until it has cooled down', async () => {
    const { sent, recorded, activities } = createAlerting();
    const input = toInput({ rule: FIGHT });
    await withWorkers(temporal.env, activities, async () => {
      const handles = await Promise.all([1, 2, 3, 4, 5].map((ms) => start({ ...input, at: new Date(Date.parse(input.at) + ms).toISOString() })));
      await until(() => recorded.length > 0);
      // Delivered and kept, and still quiet.
      const late = await start({ ...input, at: new Date().toISOString() });
      assert.equal(new Set([...handles, late].map((handle) => (handle as { firstExecutionRunId?: string }).firstExecutionRunId)).size, 1);
      await late.terminate();
    });
    assert.equal(sent.length, 1);
    assert.equal(recorded.length, 1);
  });

  it('can be told again after that', async () => {
    const { sent, activities } = createAlerting();
    const input = toInput();
    await withWorkers(temporal.env, activities, async () => {
      for (const at of [input.at, new Date().toISOString()]) await (await start({ ...input, at })).result();
    });
    assert.equal(sent.length, 2);
  });
});
