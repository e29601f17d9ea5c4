import { z } from 'zod';
import { Failure } from '../domain/failure.ts';
import type { NotificationEvent } from '../domain/notification.ts';
import { DEFAULT_NOTIFICATION_EVENTS, NOTIFICATION_EVENTS } from '../domain/notification.ts';
import type { Given } from './setting.ts';
import { list } from './setting.ts';

/** A receiver's address is taken as it is, with its query and a slash at its end. */
const address = z.url({ protocol: /^https?$/, error: 'give a URL that begins with http:// or https://' }).optional();

const eventName = z.enum(NOTIFICATION_EVENTS, { error: `the events are ${NOTIFICATION_EVENTS.join(', ')}` });

/** Who is told what becomes of runs; nobody when nothing is said. Addresses may hold secrets, and are never shown. */
export const notificationSettings = {
  /** Gets each notification as JSON, signed by the Standard Webhooks specification. */
  BAROMETER_WEBHOOK_URL: address,
  /** `whsec_…`, or two with a comma between them while one is replaced by the other. */
  BAROMETER_WEBHOOK_SECRET: z.string().optional(),
  /** An incoming webhook of Slack, or of what understands its messages. */
  BAROMETER_SLACK_WEBHOOK_URL: address,
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
    const how = "node -p \"'whsec_' + crypto.randomBytes(32).toString('base64')\"";
    throw new Failure('configuration-invalid', `BAROMETER_WEBHOOK_URL needs BAROMETER_WEBHOOK_SECRET, by which its receiver knows who sent it. Make one with: ${how}`);
  }
  return {
    webhook: url === undefined || secret === undefined ? null : { url, secrets: toSecrets(secret) },
    slack: slackUrl === undefined ? null : { url: slackUrl },
    events: given.BAROMETER_WEBHOOK_EVENTS,
  };
}

const PREFIX = 'whsec_';
/** As the specification asks for. */
const SECRET_BYTES = { least: 24, most: 64 };
const MOST_SECRETS = 2;

function toSecrets(text: string): Uint8Array[] {
  const secrets = text.split(',').map((each) => each.trim()).filter((each) => each !== '');
  if (secrets.length > MOST_SECRETS) throw new Failure('configuration-invalid', 'BAROMETER_WEBHOOK_SECRET takes two secrets at most: the new one, and the one that it replaces.');
  return secrets.map((secret) => {
    const encoded = secret.slice(PREFIX.length);
    const bytes = Buffer.from(encoded, 'base64');
    const isWhole = secret.startsWith(PREFIX) && bytes.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '');
    if (!isWhole || bytes.byteLength < SECRET_BYTES.least || bytes.byteLength > SECRET_BYTES.most) {
      throw new Failure('configuration-invalid', `BAROMETER_WEBHOOK_SECRET is "${PREFIX}" and then ${SECRET_BYTES.least} to ${SECRET_BYTES.most} random bytes in base64.`);
    }
    return bytes;
  });
}
