import type { Logger } from '../adapters/telemetry/logger.ts';
import type { MoodAlertInput } from '../domain/mood-alert.ts';
import type { StepReading } from '../domain/mood-rule.ts';
import { findOccurrence } from '../domain/mood-rule.ts';
import type { MoodRule, Venue } from '../domain/venue.ts';
import { follow } from './follow.ts';

/** Has alerts delivered. */
export interface MoodAlerts {
  /** Joins the alert of the same rule that has not cooled down, where there is one. @throws Failure */
  start(alert: MoodAlertInput): Promise<void>;
  close(): Promise<void>;
}

/** The steps of some time, the oldest first, as far as all is known of them. */
export interface RecentSteps {
  /** When the last one ends; milliseconds since 1970. */
  readonly endsAt: number;
  readonly steps: readonly StepReading[];
}

export interface MoodWatchOptions {
  /** Of all that have a document, as far as it is known. */
  readonly listVenues: () => Iterable<Venue>;
  readonly readSteps: (venue: string, seconds: number) => RecentSteps;
  /** Asked when there is a rule for the first time: who has none pays for no client. @throws Failure */
  readonly openAlerts: () => Promise<MoodAlerts>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly pollMs?: number;
}

export interface MoodWatch {
  /** Looks now; never rejects. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

const POLL_MS = 2_000;

/**
 * Looks at the rules of all venues, once for each step of their mood, and starts an alert where one is true. Every API process does: they see the same steps, and the alert is
 * the same one. While alerts can't be started the look is repeated, as long as the rule is true.
 */
export function createMoodWatch({ listVenues, readSteps, openAlerts, logger, pollMs = POLL_MS }: MoodWatchOptions): MoodWatch {
  let alerts: MoodAlerts | null = null;
  /** Of each rule, the end of the last step that was looked at and, where it was true, told. */
  let lookedAt = new Map<string, number>();
  let isWell = true;

  async function lookAt(venue: Venue, rule: MoodRule, endsAt: number, steps: readonly StepReading[]): Promise<void> {
    const occurrence = findOccurrence(rule, steps);
    if (occurrence === null) return;
    const { id, emotion, shareAbove, forSeconds, coolDownSeconds } = rule;
    await alerts?.start({ ...occurrence, at: new Date(endsAt).toISOString(), venue: venue.id, rule: { id, emotion, shareAbove, forSeconds, coolDownSeconds } });
    logger.info({ venue: venue.id, rule: id }, 'a rule is true: its alert is started, or under way');
  }

  async function look(): Promise<void> {
    const before = lookedAt;
    lookedAt = new Map();
    const faults: unknown[] = [];
    for (const venue of listVenues()) {
      for (const rule of venue.rules) {
        const name = `${venue.id}:${rule.id}`;
        const { endsAt, steps } = readSteps(venue.id, rule.forSeconds);
        const seen = before.get(name);
        if (seen !== undefined) lookedAt.set(name, seen);
        if (seen === endsAt) continue;
        try {
          alerts ??= await openAlerts();
          await lookAt(venue, rule, endsAt, steps);
          lookedAt.set(name, endsAt);
        } catch (error) {
          faults.push(error);
        }
      }
    }
    // Once, not at every look.
    if (faults.length > 0 && isWell) logger.warn({ err: faults[0] }, 'alerts of venues can not be started; it is tried again');
    if (faults.length === 0 && !isWell) logger.info('alerts of venues can be started again');
    isWell = faults.length === 0;
  }

  const following = follow(look, pollMs);
  return {
    refresh: following.refresh,
    async close() {
      await following.close();
      await alerts?.close();
    },
  };
}
