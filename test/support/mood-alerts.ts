import type { MoodAlertInput } from '../../domain/mood-alert.ts';
import type { MoodRule, Venue } from '../../domain/venue.ts';
import { venueSchema } from '../../domain/venue.ts';

export const FIGHT: MoodRule = { id: 'fight', emotion: 'angry', shareAbove: 0.3, forSeconds: 60, coolDownSeconds: 900 };

/** A venue with one rule that tells this address. */
export function toAlertingVenue(url: string, rule: Partial<Venue['rules'][number]> = {}): Venue {
  return venueSchema.parse({ id: 'the-sun', name: 'The Sun', operator: { name: 'Sun Ltd', contact: 'privacy@sun.example' }, rules: [{ ...FIGHT, ...rule }], webhook: { url } });
}

/** An alert of that rule that came true just now. */
export function toMoodAlertInput(overrides: Partial<MoodAlertInput> = {}): MoodAlertInput {
  return { at: new Date().toISOString(), venue: 'the-sun', rule: FIGHT, share: 0.4, faces: 50, ...overrides };
}
