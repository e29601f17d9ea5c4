import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach } from 'mocha';
import { Webhook } from 'standardwebhooks';
import { toVenueSecret } from '../../../adapters/webhook/venue-secret.ts';
import { createVenueWebhook } from '../../../adapters/webhook/venue-webhook.ts';
import { isFailure } from '../../../domain/failure.ts';
import type { MoodAlert } from '../../../domain/mood-alert.ts';
import { moodAlertSchema } from '../../../domain/mood-alert.ts';
import type { WebhookReceiver } from '../../support/webhook-receiver.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';

const [OLD, NEW] = [randomBytes(32), randomBytes(32)];
const NEVER = new AbortController().signal;
const ALERT: MoodAlert = {
  version: 1,
  id: 'the-sun:fight:2026-11-24T22:10:00.000Z',
  event: 'mood-alert',
  at: '2026-11-24T22:10:00.000Z',
  venue: { id: 'the-sun', name: 'The Sun' },
  rule: { id: 'fight', emotion: 'angry', shareAbove: 0.3, forSeconds: 60 },
  share: 0.4,
  faces: 50,
  quietUntil: '2026-11-24T22:25:00.000Z',
};

describe('the webhook of a venue', () => {
  let receiver: WebhookReceiver;
  beforeEach(async () => { receiver = await startWebhookReceiver(); });
  afterEach(() => receiver.stop());

  const verify = (secret: Uint8Array) => {
    const [{ body, headers }] = receiver.received as [WebhookReceiver['received'][number]];
    return new Webhook(Buffer.from(secret).toString('base64')).verify(body, headers);
  };

  it('gets the alert as the contract says, signed with the venue\'s own secret, under its own id', async () => {
    await createVenueWebhook({ secrets: [NEW], network: 'private' }).send(receiver.url, ALERT, NEVER);
    assert.deepEqual(moodAlertSchema.strict().parse(verify(toVenueSecret(NEW, 'the-sun'))), ALERT);
    assert.equal(receiver.received[0]!.headers['webhook-id'], ALERT.id);
    for (const other of [NEW, toVenueSecret(NEW, 'the-moon'), toVenueSecret(OLD, 'the-sun')]) assert.throws(() => verify(other));
  });

  it('takes it by the old secret and by the new one while one replaces the other', async () => {
    await createVenueWebhook({ secrets: [NEW, OLD], network: 'private' }).send(receiver.url, ALERT, NEVER);
    for (const secret of [OLD, NEW]) assert.deepEqual(verify(toVenueSecret(secret, 'the-sun')), ALERT);
  });

  it('is not reached on this machine or in private networks unless that is allowed, by address or by name', async () => {
    const byName = receiver.url.replace('127.0.0.1', 'localhost');
    const { send } = createVenueWebhook({ secrets: [NEW], network: 'public' });
    for (const url of [receiver.url, byName]) await assert.rejects(send(url, ALERT, NEVER), (error) => isFailure(error, 'delivery-refused') && /may not go/.test(error.message));
    assert.equal(receiver.received.length, 0);
    await createVenueWebhook({ secrets: [NEW], network: 'private' }).send(byName, ALERT, NEVER);
    assert.equal(receiver.received.length, 1);
  });

  it('gets nothing that is not signed', async () => {
    await assert.rejects(createVenueWebhook({ secrets: [], network: 'private' }).send(receiver.url, ALERT, NEVER), (error) => isFailure(error, 'configuration-invalid'));
    assert.equal(receiver.received.length, 0);
  });
});
