import assert from 'node:assert/strict';
import { afterEach } from 'mocha';
import { Webhook } from 'standardwebhooks';
import { notificationSchema } from '../../../domain/notification.ts';
import { runBarometer } from '../../support/barometer.ts';
import type { WebhookReceiver } from '../../support/webhook-receiver.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';

const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

describe('barometer notify test', () => {
  const receivers: WebhookReceiver[] = [];

  afterEach('end the receivers', async () => {
    await Promise.all(receivers.splice(0).map((each) => each.stop()));
  });

  async function receive(status: number): Promise<WebhookReceiver> {
    const receiver = await startWebhookReceiver(() => ({ status }));
    receivers.push(receiver);
    return receiver;
  }

  it('sends a signed test to each receiver, and says what it answered', async () => {
    const [webhook, slack] = [await receive(202), await receive(200)];
    const { exitCode, stdout } = await runBarometer(['notify', 'test'], {
      BAROMETER_WEBHOOK_URL: webhook.url,
      BAROMETER_WEBHOOK_SECRET: SECRET,
      BAROMETER_SLACK_WEBHOOK_URL: slack.url,
    });
    assert.equal(exitCode, 0);
    assert.match(stdout, /^✔ webhook: 202 after \d+ ms\n✔ slack: 200 after \d+ ms\n$/);
    const [{ body, headers }] = webhook.received as [WebhookReceiver['received'][number]];
    assert.equal(notificationSchema.parse(new Webhook(SECRET).verify(body, headers)).event, 'test');
    assert.match(slack.received[0]!.body, /Notifications arrive here/);
  });

  it('fails when one does not take it, and says why', async () => {
    const { url } = await receive(404);
    const { exitCode, stdout } = await runBarometer(['notify', 'test', '--json'], { BAROMETER_SLACK_WEBHOOK_URL: url });
    assert.equal(exitCode, 1);
    const [answer] = JSON.parse(stdout) as { target: string; taken: boolean; answer: string }[];
    assert.deepEqual({ target: answer!.target, taken: answer!.taken }, { target: 'slack', taken: false });
    assert.match(answer!.answer, /does not take the notification \(404\)/);
  });

  it('says what to set when nobody is told', async () => {
    const { exitCode, stderr } = await runBarometer(['notify', 'test'], {});
    assert.equal(exitCode, 1);
    assert.match(stderr, /Set BAROMETER_WEBHOOK_URL with BAROMETER_WEBHOOK_SECRET/);
  });
});
