import { z } from 'zod';
import type { Given } from './setting.ts';
import { toWebhookSecrets } from './webhook-secret.ts';

/** How the webhooks of venues are sent; for workers alone. */
export const venueWebhookSettings = {
  /** `whsec_…`, or two with a comma between them while one is replaced by the other. Each venue's own secret comes of it. */
  BAROMETER_VENUE_WEBHOOK_SECRET: z.string().optional(),
  /** `private`: they may also go to private networks and to this machine. */
  BAROMETER_VENUE_WEBHOOK_NETWORK: z.enum(['public', 'private'], { error: 'must be public or private' }).default('public'),
};

export type WebhookNetwork = 'public' | 'private';

export interface VenueWebhookConfig {
  /** The first is the one in force; none: nobody can be told. */
  readonly secrets: readonly Uint8Array[];
  readonly network: WebhookNetwork;
}

/** @throws Failure `configuration-invalid` */
export function toVenueWebhookConfig({ BAROMETER_VENUE_WEBHOOK_SECRET: secret, BAROMETER_VENUE_WEBHOOK_NETWORK: network }: Given<typeof venueWebhookSettings>): VenueWebhookConfig {
  return { secrets: secret === undefined ? [] : toWebhookSecrets('BAROMETER_VENUE_WEBHOOK_SECRET', secret), network };
}
