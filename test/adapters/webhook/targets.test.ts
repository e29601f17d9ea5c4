import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach } from 'mocha';
import { Webhook } from 'standardwebhooks';
import { createWebhookTargets } from '../../../adapters/webhook/targets.ts';
import { notificationSchema } from '../../../domain/notification.ts';
import { toNotification } from '../../support/notifications.ts';
import type { WebhookReceiver } from '../../support/webhook-receiver.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';

const SECRET = randomBytes(32);
const NEVER = new AbortController().signal;

describe('the receivers of notifications', () => {
  let receiver: WebhookReceiver;

  beforeEach('listen', async () => {
    receiver = await startWebhookReceiver();
  });

  afterEach('stop listening', () => receiver.stop());

  it('are those that are configured', () => {
    assert.deepEqual(createWebhookTargets({ webhook: null, slack: null }), []);
    const both = createWebhookTargets({ webhook: { url: receiver.url, secrets: [SECRET] }, slack: { url: receiver.url } });
    assert.deepEqual(both.map(({ name }) => name), ['webhook', 'slack']);
  });

  it('get the notification as the contract says, signed, under its own id', async () => {
    const [target] = createWebhookTargets({ webhook: { url: receiver.url, secrets: [SECRET] }, slack: null });
    await target!.send(toNotification(), NEVER);
    const [{ body, headers }] = receiver.received as [WebhookReceiver['received'][number]];
    const verified = new Webhook(SECRET.toString('base64')).verify(body, headers);
    assert.deepEqual(notificationSchema.parse(verified), toNotification());
    assert.equal(headers['webhook-id'], toNotification().id);
  });

  it('get blocks and a text where they are Slack', async () => {
    const [target] = createWebhookTargets({ webhook: null, slack: { url: receiver.url } });
    await target!.send(toNotification(), NEVER);
    const [{ body, headers }] = receiver.received as [WebhookReceiver['received'][number]];
    const message = JSON.parse(body) as { text: string; blocks: unknown[] };
    assert.match(message.text, /A run has succeeded/);
    assert.equal(message.blocks.length, 3);
    assert.equal(headers['webhook-signature'], undefined);
  });
});
