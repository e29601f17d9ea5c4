import { z } from 'zod';
import { EMOTIONS, emotionSchema } from './emotion.ts';
import { HOUR_SECONDS, STEP_SECONDS } from './mood.ts';
import { isWebhookAddress } from './webhook-address.ts';

/**
 * What is known of a venue: a document that its operator writes (`barometer venues set`), and that the API and the workers read.
 * A venue without one has no staff areas and no rules.
 */

/** Of the same shape as labels of metrics and names of folders: a venue may become either. */
const VENUE_ID = /^[a-z0-9][a-z0-9._-]{0,62}$/;
export const venueIdSchema = z.string().regex(VENUE_ID, 'a venue is named by at most 63 small letters, digits, dots, dashes and underscores');

const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;
const toSlugSchema = (what: string) => z.string().regex(SLUG, `${what} is named by at most 63 small letters, digits and dashes`);
export const cameraIdSchema = toSlugSchema('a camera');
export const ruleIdSchema = toSlugSchema('a rule');

const text = z.string().trim().min(1, 'must not be empty').max(200, 'must have at most 200 characters');

const MOST_POINTS = 100;
const coordinate = z.number().min(0, 'points lie between 0 and 1, whatever the size of the image').max(1, 'points lie between 0 and 1, whatever the size of the image');
/** `[x, y]`, relative to the image as a person sees it: `[0, 0]` is its upper left corner, `[1, 1]` its lower right one. */
const pointSchema = z.tuple([coordinate, coordinate]);
export type Point = z.infer<typeof pointSchema>;

/** A part of the image where staff work: faces in it are dropped before anything is said of them. */
const staffAreaSchema = z.strictObject({
  name: text.optional(),
  /** The corners in their order; the last one is joined to the first. */
  points: z
    .array(pointSchema)
    .min(3, 'an area has at least three points')
    .max(MOST_POINTS, `an area has at most ${MOST_POINTS} points`)
    .refine((points) => points.length < 3 || enclosesAnything(points), 'these points lie on a line and enclose nothing'),
});
export type StaffArea = z.infer<typeof staffAreaSchema>;

const cameraSchema = z.strictObject({ name: text.optional(), staffAreas: z.array(staffAreaSchema).max(50, 'a camera has at most 50 areas').default([]) });
export type Camera = z.infer<typeof cameraSchema>;

const MINUTE_SECONDS = 60;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** Faces of this emotion make up more than this share, for so long: then the webhook is told, once until it has cooled down. */
const moodRuleSchema = z.strictObject({
  id: ruleIdSchema,
  emotion: z.enum(emotionSchema.options, { error: `must be one of ${EMOTIONS.join(', ')}` }),
  shareAbove: z.number().min(0, 'must be at least 0').lt(1, 'must be below 1: no share is ever above it'),
  forSeconds: z
    .int('must be a whole number of seconds')
    .min(STEP_SECONDS, `must be at least ${STEP_SECONDS}`)
    .max(HOUR_SECONDS, `must be at most ${HOUR_SECONDS}: a mood is remembered for an hour`)
    .multipleOf(STEP_SECONDS, `must be a multiple of ${STEP_SECONDS}`),
  /** How long nobody is told again, counted from when the rule came true. Never so short that two processes of the API could see the same at its two ends. */
  coolDownSeconds: z.int('must be a whole number of seconds').min(MINUTE_SECONDS, `must be at least ${MINUTE_SECONDS}`).max(DAY_SECONDS, `must be at most ${DAY_SECONDS}: a day`).default(900),
});
export type MoodRule = z.infer<typeof moodRuleSchema>;

const webhookSchema = z.strictObject({
  url: z.string().max(2000, 'must have at most 2000 characters').refine(isWebhookAddress, 'must be an https address without user name, password and "#…" (http only on this machine: localhost, 127.0.0.1, [::1])'),
});

export const DEFAULT_MINIMUM_FACES = 5;

const documentSchema = z.strictObject({
  id: venueIdSchema,
  name: text,
  /** Who answers to the people in the images. */
  operator: z.strictObject({
    name: text,
    contact: text,
    /** On which legal basis the images are processed, in the operator's words; the notice has it. */
    legalBasis: text.optional(),
  }),
  /** Of fewer faces than this nothing is said to anybody, nor to the rules. */
  minimumFaces: z.int('must be a whole number').min(2, 'must be at least 2: one face is a person').max(1000, 'must be at most 1000').default(DEFAULT_MINIMUM_FACES),
  cameras: z.record(cameraIdSchema, cameraSchema).default({}),
  rules: z.array(moodRuleSchema).max(20, 'a venue has at most 20 rules').default([]),
  /** The venue's music or security system, which the rules tell. */
  webhook: webhookSchema.nullable().default(null),
});

export const venueSchema = documentSchema.superRefine(({ rules, webhook }, context) => {
  const ids = rules.map(({ id }) => id);
  const twice = ids.findIndex((id, index) => ids.indexOf(id) < index);
  if (twice !== -1) context.addIssue({ code: 'custom', path: ['rules', twice, 'id'], message: `another rule is named ${ids[twice]}` });
  if (rules.length > 0 && webhook === null) context.addIssue({ code: 'custom', path: ['webhook'], message: 'is missing: the rules have nobody to tell' });
});
export type Venue = z.infer<typeof venueSchema>;

/** Twice the area by the shoelace formula; a polygon that crosses itself may come out smaller than it is, a line always as nothing. */
function enclosesAnything(points: readonly Point[]): boolean {
  const doubled = points.map(([x, y], index) => {
    const [nextX, nextY] = points[(index + 1) % points.length]!;
    return x * nextY - nextX * y;
  });
  return Math.abs(doubled.reduce((sum, part) => sum + part, 0)) > 1e-9;
}
