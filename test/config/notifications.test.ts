import assert from 'node:assert/strict';
import { loadConfig } from '../../config/config.ts';
import { isFailure } from '../../domain/failure.ts';

const URL = 'https://hooks.example/barometer/?key=hush';
const BYTES = Buffer.alloc(32, 7);
const SECRET = `whsec_${BYTES.toString('base64')}`;

describe('the settings of notifications', () => {
  function messageOf(environment: Record<string, string>): string {
    try {
      loadConfig(environment);
    } catch (error) {
      assert.ok(isFailure(error, 'configuration-invalid'));
      return error.message;
    }
    throw new Error('it was taken');
  }

  it('tell nobody when nothing is said', () => {
    const { webhook, slack } = loadConfig({}).notifications;
    assert.deepEqual({ webhook, slack }, { webhook: null, slack: null });
  });

  it('take an address as it is, and its secret', () => {
    const { webhook, events } = loadConfig({ BAROMETER_WEBHOOK_URL: URL, BAROMETER_WEBHOOK_SECRET: SECRET }).notifications;
    assert.deepEqual(webhook, { url: URL, secrets: [BYTES] });
    assert.deepEqual(events, ['approval-needed', 'succeeded', 'rejected', 'not-approved', 'failed']);
  });

  it('take two secrets while one replaces the other, and no more', () => {
    const twice = { BAROMETER_WEBHOOK_URL: URL, BAROMETER_WEBHOOK_SECRET: `${SECRET}, ${SECRET}` };
    assert.equal(loadConfig(twice).notifications.webhook!.secrets.length, 2);
    assert.match(messageOf({ ...twice, BAROMETER_WEBHOOK_SECRET: `${SECRET},${SECRET},${SECRET}` }), /two secrets at most/);
  });

  it('choose the events', () => {
    assert.deepEqual(loadConfig({ BAROMETER_WEBHOOK_EVENTS: 'failed, cancelled' }).notifications.events, ['failed', 'cancelled']);
    assert.match(messageOf({ BAROMETER_WEBHOOK_EVENTS: 'failed,exploded' }), /BAROMETER_WEBHOOK_EVENTS.*the events are approval-needed/);
  });

  it('ask for the secret of a webhook, and for the webhook of a secret', () => {
    assert.match(messageOf({ BAROMETER_WEBHOOK_URL: URL }), /needs BAROMETER_WEBHOOK_SECRET/);
    assert.match(messageOf({ BAROMETER_WEBHOOK_SECRET: SECRET }), /without BAROMETER_WEBHOOK_URL/);
  });

  it('take no address that is none', () => {
    assert.match(messageOf({ BAROMETER_SLACK_WEBHOOK_URL: 'hooks.slack.com/x' }), /BAROMETER_SLACK_WEBHOOK_URL: give a URL/);
  });

  for (const secret of ['hush', 'whsec_', 'whsec_hush', `whsec_${'%'.repeat(40)}`, BYTES.toString('base64'), `whsec_${Buffer.alloc(65).toString('base64')}`]) {
    it(`take no secret such as ${secret.slice(0, 12)}, and don't repeat it`, () => {
      const message = messageOf({ BAROMETER_WEBHOOK_URL: URL, BAROMETER_WEBHOOK_SECRET: secret });
      assert.match(message, /24 to 64 random bytes/);
      if (secret.length > 10) assert.ok(!message.includes(secret));
    });
  }
});
