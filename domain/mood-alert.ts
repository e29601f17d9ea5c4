import { z } from 'zod';
import { emotionSchema } from './emotion.ts';
import { ruleIdSchema, venueIdSchema } from './venue.ts';

/**
 * The alert of a rule that came true, on its way: what the API starts a workflow with, what the venue's system is sent, and what is
 * kept of it. None of them says anything of a single face.
 */

/**
 * After ten minutes nobody is told any more: a fight is over by then, and somebody who runs to where nothing is any more is missing
 * where something does. An alert that comes late also says something untrue: that it is so now.
 */
export const ALERT_USEFUL_MS = 10 * 60_000;

const occurrenceSchema = z.object({
  /** When the rule came true: ISO 8601 in UTC. */
  at: z.iso.datetime(),
  /** Of this emotion among the faces, in the time that the rule looks at. */
  share: z.number().min(0).max(1),
  /** How many these were, each image's counted anew; never below the venue's minimum. */
  faces: z.int().nonnegative(),
});

const ruleSchema = z.object({ id: ruleIdSchema, emotion: emotionSchema, shareAbove: z.number(), forSeconds: z.int() });

/** The argument of the workflow. Where to send it is not in it: only the venue's document says that. */
export const moodAlertInputSchema = occurrenceSchema.extend({ venue: venueIdSchema, rule: ruleSchema.extend({ coolDownSeconds: z.int().nonnegative() }) });
export type MoodAlertInput = z.infer<typeof moodAlertInputSchema>;

/**
 * The JSON that a venue's music or security system gets: the contract with programs that are not ours. Within one `version` fields are
 * only ever added.
 */
export const moodAlertSchema = occurrenceSchema.extend({
  version: z.literal(1),
  /** The same at every attempt to deliver it, and in the header `webhook-id`: who has seen it may forget this one. */
  id: z.string(),
  event: z.literal('mood-alert'),
  venue: z.object({ id: venueIdSchema, name: z.string() }),
  rule: ruleSchema,
  /** Until then this rule says nothing again, whatever happens. */
  quietUntil: z.iso.datetime(),
});
export type MoodAlert = z.infer<typeof moodAlertSchema>;

/** What became of delivering it. */
export interface Delivery {
  readonly status: 'delivered' | 'undelivered';
  /** How often it was sent, or may have been. */
  readonly tries: number;
  /** Why not; null when it was. */
  readonly reason: string | null;
  readonly endedAt: string;
}

/** What is kept of an alert in the storage account. */
export const moodAlertRecordSchema = moodAlertInputSchema.extend({
  id: z.string(),
  status: z.enum(['delivered', 'undelivered']),
  tries: z.int().nonnegative(),
  reason: z.string().nullable(),
  endedAt: z.iso.datetime(),
});
export type MoodAlertRecord = z.infer<typeof moodAlertRecordSchema>;

export function toQuietUntil({ at, rule }: Pick<MoodAlertInput, 'at' | 'rule'>): Date {
  return new Date(Date.parse(at) + rule.coolDownSeconds * 1000);
}
