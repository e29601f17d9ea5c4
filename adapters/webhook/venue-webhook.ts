import { Failure } from '../../domain/failure.ts';
import type { VenueWebhookConfig } from '../../config/venue-webhooks.ts';
import type { MoodAlert } from '../../domain/mood-alert.ts';
import { createAddressGuard } from './address-guard.ts';
import type { Receipt } from './post-json.ts';
import { postJson } from './post-json.ts';
import { toSignedHeaders } from './signature.ts';
import { toVenueSecret } from './venue-secret.ts';

export interface VenueWebhook {
  /**
   * @throws Failure `dependency-unavailable` when another try can help, `delivery-refused` when not, `configuration-invalid` when the workers have no
   *   secret to sign with
   */
  send(url: string, alert: MoodAlert, signal: AbortSignal): Promise<Receipt>;
}

/** An alert is small, and the next try waits for the end of this one. */
const TIMEOUT_MS = 5_000;

/** The music and security systems of venues. */
export function createVenueWebhook({ secrets, network }: VenueWebhookConfig, timeoutMs = TIMEOUT_MS): VenueWebhook {
  const guard = createAddressGuard(network);
  return {
    async send(url, alert, signal) {
      if (secrets.length === 0) throw new Failure('configuration-invalid', 'The workers have no BAROMETER_VENUE_WEBHOOK_SECRET to sign alerts with.');
      const body = JSON.stringify(alert);
      const headers = toSignedHeaders({ id: alert.id, body, sentAt: new Date() }, secrets.map((secret) => toVenueSecret(secret, alert.venue.id)));
      return postJson({ receiver: 'webhook of the venue', setting: "the venue's document", url, body, headers, timeoutMs, guard }, signal);
    },
  };
}
