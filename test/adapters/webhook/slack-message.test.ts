import assert from 'node:assert/strict';
import { toSlackMessage } from '../../../adapters/webhook/slack-message.ts';
import { NOTIFICATION_EVENTS } from '../../../domain/notification.ts';
import { toNotification } from '../../support/notifications.ts';

describe('a message to Slack', () => {
  it('says what happened, with figures and a way to the run', () => {
    assert.deepEqual(toSlackMessage(toNotification()), {
      text: 'A run has succeeded: 20261124T015500Z-1a2b3c4',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: 'A run has succeeded' } },
        {
          type: 'section',
          fields: [
            { type: 'mrkdwn', text: '*Run*\n20261124T015500Z-1a2b3c4' },
            { type: 'mrkdwn', text: '*Accuracy*\n75.0 % (70.0 % – 80.0 %)' },
            { type: 'mrkdwn', text: '*Version 6*\n72.0 %, candidate 74.0 %' },
            { type: 'mrkdwn', text: '*Model*\nemotions-cnn version 7' },
          ],
        },
        {
          type: 'context',
          elements: [{ type: 'mrkdwn', text: '<http://ui.example/namespaces/default/workflows/w/r/history|Open in Temporal> · commit `1a2b3c4` · 2026-11-24T02:10:00.000Z' }],
        },
      ],
    });
  });

  it('says where a run failed, and why', () => {
    const text = JSON.stringify(toSlackMessage(toNotification({ event: 'failed', step: 'resize', reason: 'Too many images are bad.' })));
    assert.match(text, /A run has failed/);
    assert.match(text, /\*Step\*\\nresize/);
    assert.match(text, /Too many images are bad\./);
  });

  it('says until when and how to decide', () => {
    const approval = { decision: null, by: null, deadline: '2026-11-27T02:10:00.000Z', approve: 'barometer approve r', reject: 'barometer reject r --reason "…"' };
    assert.match(JSON.stringify(toSlackMessage(toNotification({ event: 'approval-needed', approval }))), /Until 2026-11-27T02:10:00.000Z: `barometer approve r`/);
  });

  it('lets no text of others become a link or a mention', () => {
    const text = JSON.stringify(toSlackMessage(toNotification({ event: 'failed', reason: 'see <!channel> & <http://evil.example|this>' })));
    assert.doesNotMatch(text, /<!channel>|<http:\/\/evil/);
    assert.match(text, /&lt;!channel&gt; &amp; &lt;http/);
  });

  it('stays within what Slack takes', () => {
    const [, section] = toSlackMessage(toNotification({ event: 'failed', reason: 'é'.repeat(9_000) })).blocks;
    assert.ok(section?.type === 'section' && 'text' in section && section.text.text.length <= 3_000);
  });

  it('has a title for every event', () => {
    const titles = NOTIFICATION_EVENTS.map((event) => toSlackMessage(toNotification({ event })).text);
    assert.equal(new Set(titles).size, NOTIFICATION_EVENTS.length);
    for (const title of titles) assert.doesNotMatch(title, /undefined/);
  });
});
