import type { NotificationConfig } from '../../config/notifications.ts';
import type { Notification } from '../../domain/notification.ts';
import type { Receipt } from './post-json.ts';
import { postJson } from './post-json.ts';
import { toSignedHeaders } from './signature.ts';
import { toSlackMessage } from './slack-message.ts';

/** Somebody who is told of runs. */
export interface WebhookTarget {
  readonly name: 'webhook' | 'slack';
  /** @throws Failure `dependency-unavailable` when another try can help, `delivery-refused` when not */
  send(notification: Notification, signal: AbortSignal): Promise<Receipt>;
}

const TIMEOUT_MS = 10_000;

/** Those that the settings name. */
export function createWebhookTargets({ webhook, slack }: Pick<NotificationConfig, 'webhook' | 'slack'>, timeoutMs = TIMEOUT_MS): WebhookTarget[] {
  return [
    ...(webhook === null
      ? []
      : [
          {
            name: 'webhook',
            send(notification, signal) {
              const body = JSON.stringify(notification);
              const headers = toSignedHeaders({ id: notification.id, body, sentAt: new Date() }, webhook.secrets);
              return postJson({ receiver: 'webhook', setting: 'BAROMETER_WEBHOOK_URL', url: webhook.url, body, headers, timeoutMs }, signal);
            },
          } satisfies WebhookTarget,
        ]),
    ...(slack === null
      ? []
      : [
          {
            name: 'slack',
            send(notification, signal) {
              const body = JSON.stringify(toSlackMessage(notification));
              return postJson({ receiver: 'Slack webhook', setting: 'BAROMETER_SLACK_WEBHOOK_URL', url: slack.url, body, timeoutMs }, signal);
            },
          } satisfies WebhookTarget,
        ]),
  ];
}
