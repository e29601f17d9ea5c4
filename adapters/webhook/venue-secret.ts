import { createHmac } from 'node:crypto';

/**
 * The secret with which a venue's webhooks are signed, derived from one that the workers alone have: so that no secret is kept with
 * what is said of the venue, and none has to be made for a new one. Who knows a venue's learns no other's.
 */
export function toVenueSecret(workersSecret: Uint8Array, venue: string): Uint8Array {
  return createHmac('sha256', workersSecret).update(`barometer:venue-webhook:1:${venue}`).digest();
}
