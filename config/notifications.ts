import { z } from 'zod';
import { Failure } from '../domain/failure.ts';
import type { NotificationEvent } from '../domain/notification.ts';
import { DEFAULT_NOTIFICATION_EVENTS, NOTIFICATION_EVENTS } from '../domain/notification.ts';
import type { Given } from './setting.ts';
import { list, webAddress } from './setting.ts';
import { NEW_SECRET, toWebhookSecrets } from './webhook-secret.ts';

const eventName = z.enum(NOTIFICATION_EVENTS, { error: `the events are ${NOTIFICATION_EVENTS.join(', ')}` });

/** Who is told what becomes of runs; nobody when nothing is said. Addresses may hold secrets, and are never shown. */
export const notificationSettings = {
  /** Gets each notification as JSON, signed by the Standard Webhooks specification. */
  BAROMETER_WEBHOOK_URL: webAddress.optional(),
  /** `whsec_…`, or two with a comma between them while one is replaced by the other. */
  BAROMETER_WEBHOOK_SECRET: z.string().optional(),
  /** An incoming webhook of Slack, or of what understands its messages. */
  BAROMETER_SLACK_WEBHOOK_URL: webAddress.optional(),
  /** What they are told of. */
  BAROMETER_WEBHOOK_EVENTS: list(eventName, DEFAULT_NOTIFICATION_EVENTS),
};

export interface NotificationConfig {
  readonly webhook: { readonly url: string; readonly secrets: readonly Uint8Array[] } | null;
  readonly slack: { readonly url: string } | null;
  readonly events: readonly NotificationEvent[];
}

/** @throws Failure `configuration-invalid` naming the settings that are of no use as they are */
export function toNotificationConfig(given: Given<typeof notificationSettings>): NotificationConfig {
  const { BAROMETER_WEBHOOK_URL: url, BAROMETER_WEBHOOK_SECRET: secret, BAROMETER_SLACK_WEBHOOK_URL: slackUrl } = given;
  if (url === undefined && secret !== undefined) {
    throw new Failure('configuration-invalid', 'BAROMETER_WEBHOOK_SECRET is of no use without BAROMETER_WEBHOOK_URL: give both, or neither.');
  }
  if (url !== undefined && secret === undefined) {
    throw new Failure('configuration-invalid', `BAROMETER_WEBHOOK_URL needs BAROMETER_WEBHOOK_SECRET, by which its receiver knows who sent it. Make one with: ${NEW_SECRET}`);
  }
  return {
    webhook: url === undefined || secret === undefined ? null : { url, secrets: toWebhookSecrets('BAROMETER_WEBHOOK_SECRET', secret) },
    slack: slackUrl === undefined ? null : { url: slackUrl },
    events: given.BAROMETER_WEBHOOK_EVENTS,
  };
}
