import { Context } from '@temporalio/activity';
import { Failure } from '../domain/failure.ts';
import { toMoodAlertId } from '../domain/names.ts';
import type { Delivery, MoodAlert, MoodAlertInput } from '../domain/mood-alert.ts';
import { toQuietUntil } from '../domain/mood-alert.ts';
import type { Venue } from '../domain/venue.ts';

export interface MoodAlertDependencies {
  /** Null when nothing is said of it. */
  readonly findVenue: (id: string) => Promise<Venue | null>;
  /** Signs it with the venue's secret. @throws Failure `dependency-unavailable`, `delivery-refused`, `configuration-invalid` */
  readonly send: (url: string, alert: MoodAlert, signal: AbortSignal) => Promise<unknown>;
  /** The first record stands. */
  readonly record: (alert: MoodAlertInput, delivery: Delivery) => Promise<void>;
}

export type MoodAlertActivities = ReturnType<typeof createMoodAlertActivities>;

export function createMoodAlertActivities({ findVenue, send, record }: MoodAlertDependencies) {
  return {
    /**
     * Tells the venue's system at the address that its operator has given by now. Another attempt sends the very same under the same id.
     *
     * @throws Failure `delivery-refused` when it is not taken, or the venue wants to be told of no such thing any more
     */
    async deliverMoodAlert(input: MoodAlertInput): Promise<void> {
      const venue = await findVenue(input.venue);
      if (venue === null) throw new Failure('delivery-refused', `Nothing is said of the venue ${input.venue} any more.`);
      if (!venue.rules.some(({ id }) => id === input.rule.id)) throw new Failure('delivery-refused', `The venue ${input.venue} has no rule ${input.rule.id} any more.`);
      if (venue.webhook === null) throw new Failure('delivery-refused', `The venue ${input.venue} has no webhook any more.`);
      await send(venue.webhook.url, toMoodAlert(input, venue), Context.current().cancellationSignal);
    },

    /** Keeps what became of it. */
    async recordMoodAlert({ alert, delivery }: { readonly alert: MoodAlertInput; readonly delivery: Delivery }): Promise<void> {
      await record(alert, delivery);
    },
  };
}

function toMoodAlert(input: MoodAlertInput, { name }: Venue): MoodAlert {
  const { venue, at, share, faces } = input;
  const { id, emotion, shareAbove, forSeconds } = input.rule;
  return {
    version: 1,
    id: toMoodAlertId(venue, id, at),
    event: 'mood-alert',
    at,
    venue: { id: venue, name },
    rule: { id, emotion, shareAbove, forSeconds },
    share,
    faces,
    quietUntil: toQuietUntil(input).toISOString(),
  };
}
