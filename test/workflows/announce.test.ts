import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';
import { afterEach, before } from 'mocha';
import { Webhook } from 'standardwebhooks';
import { createNotifyActivities } from '../../activities/notify.ts';
import { createWebhookTargets } from '../../adapters/webhook/targets.ts';
import { Failure } from '../../domain/failure.ts';
import { toRunUrl, toTaskQueue } from '../../domain/names.ts';
import type { NotificationEvent } from '../../domain/notification.ts';
import { NOTIFICATION_EVENTS, notificationSchema } from '../../domain/notification.ts';
import type { RunState } from '../../domain/run-state.ts';
import { createFakeActivities } from '../support/fake-activities.ts';
import type { PipelineActivities } from '../support/fake-activities.ts';
import { bundleWorkflowsOf, withWorkers } from '../support/pipeline-workers.ts';
import { toRunState } from '../support/run-states.ts';
import { useTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';
import type { Reply, WebhookReceiver } from '../support/webhook-receiver.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const SECRET = randomBytes(32);

describe('announcing what becomes of a run', () => {
  const temporal = useTemporal();
  const receivers: WebhookReceiver[] = [];
  let bundle: Promise<WorkflowBundleWithSourceMap>;
  let runs = 0;

  before('bundle a run that announces', () => {
    bundle = bundleWorkflowsOf(new URL('../support/announcing-run.ts', import.meta.url));
    return bundle;
  });

  afterEach('end the receivers', async () => {
    await Promise.all(receivers.splice(0).map((each) => each.stop()));
  });

  async function receive(reply?: (request: number) => Reply | null): Promise<WebhookReceiver> {
    const receiver = await startWebhookReceiver(reply);
    receivers.push(receiver);
    return receiver;
  }

  function activitiesFor({ url }: { readonly url: string }, events: readonly NotificationEvent[] = NOTIFICATION_EVENTS): PipelineActivities {
    const targets = createWebhookTargets({ webhook: { url, secrets: [SECRET] }, slack: null });
    return createFakeActivities(createNotifyActivities({ targets, events, toRunUrl: (run) => toRunUrl('http://ui.example', 'default', run) }));
  }

  /** A run by a name that no other has. */
  function newState(): RunState {
    runs += 1;
    return { ...toRunState({ train: { status: 'failed', note: 'The loss is not a number.' } }), runName: `20261124T015500Z-${String(runs).padStart(7, '0')}` };
  }

  function start(state: RunState, event: NotificationEvent, how: 'at-once' | 'when-cancelled' = 'at-once'): Promise<WorkflowHandle> {
    return temporal.env.client.workflow.start('announcingRun', { workflowId: `announcing-${state.runName}`, taskQueue: toTaskQueue('pipeline'), args: [state, event, how] });
  }

  function deliveryOf({ runName }: RunState, event: NotificationEvent): WorkflowHandle {
    return temporal.env.client.workflow.getHandle(`notify-${runName}-${event}-webhook`);
  }

  const work = <T>(activities: PipelineActivities, doing: () => Promise<T>) => withWorkers(temporal.env, activities, doing, bundle);

  it('delivers at the third try what was turned away twice, once taken, under one id', async () => {
    const receiver = await receive((request) => ({ status: request < 2 ? 500 : 200 }));
    const state = newState();
    await work(activitiesFor(receiver), async () => {
      await (await start(state, 'failed')).result();
      await deliveryOf(state, 'failed').result();
    });
    assert.deepEqual(receiver.received.map(({ status }) => status), [500, 500, 200]);
    const [first, , last] = receiver.received;
    assert.equal(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size, 1);
    assert.equal(first!.body, last!.body);
    const told = notificationSchema.parse(new Webhook(SECRET.toString('base64')).verify(last!.body, last!.headers));
    assert.deepEqual(
      { id: told.id, event: told.event, step: told.step, reason: told.reason, run: told.run.name },
      { id: `${state.runName}-failed-webhook`, event: 'failed', step: 'train', reason: 'The loss is not a number.', run: state.runName },
    );
    assert.match(told.run.url, /^http:\/\/ui\.example\/namespaces\/default\/workflows\/announcing-.*\/history$/);
    assert.throws(() => new Webhook(randomBytes(32).toString('base64')).verify(last!.body, last!.headers));
  });

  it('lets the run end while its receiver is down, and delivers when it is back', async () => {
    let isUp = false;
    const receiver = await receive(() => ({ status: isUp ? 200 : 503, headers: { 'retry-after': '1' } }));
    const state = newState();
    await work(activitiesFor(receiver), async () => {
      await (await start(state, 'succeeded')).result();
      await until(() => receiver.received.length >= 1);
      assert.equal((await deliveryOf(state, 'succeeded').describe()).status.name, 'RUNNING');
      isUp = true;
      await deliveryOf(state, 'succeeded').result();
    });
    assert.equal(receiver.received.filter(({ status }) => status === 200).length, 1);
  });

  it('ends a delivery that the receiver turns down, and says why', async () => {
    const receiver = await receive(() => ({ status: 410 }));
    const state = newState();
    await work(activitiesFor(receiver), async () => {
      await (await start(state, 'rejected')).result();
      await assert.rejects(deliveryOf(state, 'rejected').result(), (error) => {
        assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure);
        assert.equal(error.cause.type, 'notification-undelivered');
        assert.match(error.cause.message, /Could not deliver "rejected" of run \S+ to webhook: The webhook does not take the notification \(410\)/);
        return true;
      });
    });
    assert.equal(receiver.received.length, 1, 'it is not tried again');
  });

  it('tells of a run that is cancelled', async () => {
    const receiver = await receive();
    const state = newState();
    await work(activitiesFor(receiver), async () => {
      const run = await start(state, 'cancelled', 'when-cancelled');
      await until(async () => (await run.describe()).historyLength >= 5);
      await run.cancel();
      await assert.rejects(run.result(), WorkflowFailedError);
      await deliveryOf(state, 'cancelled').result();
    });
    assert.equal(receiver.received.length, 1);
  });

  it('tells nobody of what nobody wants to hear', async () => {
    const receiver = await receive();
    const state = newState();
    await work(activitiesFor(receiver, ['failed']), async () => {
      await (await start(state, 'succeeded')).result();
    });
    await assert.rejects(deliveryOf(state, 'succeeded').describe());
  });

  it('tells of an event once, also when the run announces it again', async () => {
    const receiver = await receive();
    const state = newState();
    await work(activitiesFor(receiver), async () => {
      await (await start(state, 'succeeded')).result();
      await deliveryOf(state, 'succeeded').result();
      await (await start(state, 'succeeded')).result();
    });
    assert.equal(receiver.received.length, 1);
  });

  it('fails no run when it can\'t be found out who is to be told', async () => {
    const state = newState();
    const broken = createFakeActivities({ findTargets: () => Promise.reject(new Failure('configuration-invalid', 'no')) });
    await work(broken, async () => {
      await (await start(state, 'succeeded')).result();
    });
  });
});
