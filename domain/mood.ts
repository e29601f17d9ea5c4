import { z } from 'zod';
import type { Emotion, PerEmotion } from './emotion.ts';
import { EMOTIONS, perEmotion, toPerEmotion } from './emotion.ts';
import type { Classification } from './prediction.ts';

/**
 * The mood of a venue: counts and means of what its cameras' faces show, in steps of ten seconds. A step is the least of which
 * anything is said: what is said of longer times is a sum of steps that may each be shown by itself, so that no difference
 * between two answers says more than a step does.
 */

export const STEP_SECONDS = 10;
/** How long a mood is remembered. */
export const HOUR_SECONDS = 3600;
const MINUTE_SECONDS = 60;

const STEP_MS = STEP_SECONDS * 1000;
const MINUTE_MS = MINUTE_SECONDS * 1000;
const MINUTES = HOUR_SECONDS / MINUTE_SECONDS;

const count = z.int().nonnegative();

/** What the faces in the images of one camera show together. */
export const tallySchema = z.object({
  images: count,
  /** In all images together: whoever stays in the picture is counted in each. */
  faces: count,
  /** In that image which shows the most: so many people were there at least. */
  facesAtOnce: count,
  /** Faces whose expression is named, by it. */
  counts: perEmotion(count),
  /** Of all faces. */
  probabilitySums: perEmotion(z.number().nonnegative()),
});
export type Tally = z.infer<typeof tallySchema>;

/** What was seen of one venue in a step, by camera. */
export type SeenStep = ReadonlyMap<string, Tally>;

/** What was seen of several venues in a step. */
export type SeenVenues = ReadonlyMap<string, SeenStep>;

/** Of one image. */
export function toTally(faces: readonly Pick<Classification, 'emotion' | 'probabilities'>[]): Tally {
  return {
    images: 1,
    faces: faces.length,
    facesAtOnce: faces.length,
    counts: toPerEmotion((emotion) => faces.filter((face) => face.emotion === emotion).length),
    probabilitySums: toPerEmotion((emotion) => sum(faces.map(({ probabilities }) => probabilities[emotion]))),
  };
}

/** Of all images together. The people in them may be the same ones: `facesAtOnce` is that of the image which shows the most. */
export function addTallies(tallies: readonly Tally[]): Tally {
  return {
    images: sum(tallies.map(({ images }) => images)),
    faces: sum(tallies.map(({ faces }) => faces)),
    facesAtOnce: Math.max(0, ...tallies.map(({ facesAtOnce }) => facesAtOnce)),
    counts: toPerEmotion((emotion) => sum(tallies.map(({ counts }) => counts[emotion]))),
    probabilitySums: toPerEmotion((emotion) => sum(tallies.map(({ probabilitySums }) => probabilitySums[emotion]))),
  };
}

/** What several processes have seen in the same step. */
export function addSteps(steps: readonly SeenStep[]): SeenStep {
  const cameras = new Set(steps.flatMap((step) => [...step.keys()]));
  return new Map([...cameras].map((camera) => [camera, addTallies(steps.flatMap((step) => step.get(camera) ?? []))]));
}

/** When the step began that a moment lies in; milliseconds since 1970, as all times here. */
export function toStep(time: number): number {
  return Math.floor(time / STEP_MS) * STEP_MS;
}

/** When the step is over. */
export function toStepEnd(step: number): number {
  return step + STEP_MS;
}

/** What may be shown of a step: of all cameras together, and of each that may be shown by itself. */
export interface ShownStep {
  readonly all: Tally | null;
  readonly cameras: SeenStep;
}

const NOTHING: ShownStep = { all: null, cameras: new Map() };

/**
 * Leaves out what fewer than `minimumFaces` people make up. How many people a camera has seen is how many faces it has shown at once: one
 * person in ten images is one person. Cameras are taken to see different people.
 *
 * - Of fewer people in all, nothing is shown.
 * - A camera that saw fewer is not shown. Neither are others, the emptiest first, until those that are not shown have seen enough
 *   together: what is left of all after the shown cameras are taken off must not be about few people either.
 */
export function toShownStep(step: SeenStep, minimumFaces: number): ShownStep {
  const seen = [...step].toSorted(([, a], [, b]) => a.facesAtOnce - b.facesAtOnce);
  const people = (cameras: typeof seen) => sum(cameras.map(([, { facesAtOnce }]) => facesAtOnce));
  if (people(seen) < minimumFaces) return NOTHING;
  let hidden = seen.filter(([, { facesAtOnce }]) => facesAtOnce < minimumFaces).length;
  while (people(seen.slice(0, hidden)) > 0 && people(seen.slice(0, hidden)) < minimumFaces) hidden += 1;
  return { all: addTallies(seen.map(([, tally]) => tally)), cameras: new Map(seen.slice(hidden)) };
}

/** What is said of some time. */
export interface Reading {
  /** In all images together: a person who stays in the picture is counted in each. */
  readonly faces: number;
  readonly images: number;
  /** Named for the most faces; null where none is named for any. */
  readonly emotion: Emotion | null;
  /** The mean of all faces. */
  readonly probabilities: PerEmotion;
  /** Of all faces, those for which each expression is named; what is missing to 1 is uncertain. */
  readonly shares: PerEmotion;
}

/** Null where no face was seen, or none that may be shown. */
export function toReading(shown: readonly Tally[]): Reading | null {
  const { faces, images, counts, probabilitySums } = addTallies(shown);
  if (faces === 0) return null;
  const likeliest = EMOTIONS.reduce((best, emotion) => (isMore(emotion, best) ? emotion : best));
  return {
    faces,
    images,
    emotion: counts[likeliest] === 0 ? null : likeliest,
    probabilities: toPerEmotion((emotion) => probabilitySums[emotion] / faces),
    shares: toPerEmotion((emotion) => counts[emotion] / faces),
  };

  function isMore(emotion: Emotion, than: Emotion): boolean {
    return counts[emotion] > counts[than] || (counts[emotion] === counts[than] && probabilitySums[emotion] > probabilitySums[than]);
  }
}

export interface Mood {
  /** Up to when; the end of a step. */
  readonly at: number;
  /** Of the minute before. */
  readonly now: Reading | null;
  /** Of each camera that was seen in that minute. */
  readonly cameras: ReadonlyMap<string, Reading | null>;
}

/** What is known of a venue, by when each step began. */
export type SeenSteps = ReadonlyMap<number, SeenStep>;

/** The mood of the minute that ends at `at`, the end of a step. */
export function toMood(steps: SeenSteps, at: number, minimumFaces: number): Mood {
  const seen = cut(steps, at - MINUTE_MS, at);
  const shown = seen.map((step) => toShownStep(step, minimumFaces));
  const names = [...new Set(seen.flatMap((step) => [...step.keys()]))].toSorted();
  return {
    at,
    now: toReading(shown.flatMap(({ all }) => all ?? [])),
    cameras: new Map(names.map((name) => [name, toReading(shown.flatMap(({ cameras }) => cameras.get(name) ?? []))])),
  };
}

/** The reading of the time between two ends of steps. */
export function toReadingBetween(steps: SeenSteps, from: number, to: number, minimumFaces: number): Reading | null {
  return toReading(cut(steps, from, to).flatMap((step) => toShownStep(step, minimumFaces).all ?? []));
}

export interface MinuteOfMood {
  readonly at: number;
  readonly reading: Reading | null;
}

/** The hour's minutes by the clock, the oldest first; the last one is that in which `at` lies, as far as it has come. */
export function toSeries(steps: SeenSteps, at: number, minimumFaces: number): MinuteOfMood[] {
  const last = Math.floor((at - 1) / MINUTE_MS) * MINUTE_MS;
  return Array.from({ length: MINUTES }, (_, index) => {
    const minute = last - (MINUTES - 1 - index) * MINUTE_MS;
    return { at: minute, reading: toReadingBetween(steps, minute, Math.min(minute + MINUTE_MS, at), minimumFaces) };
  });
}

/** Whether a step is over for an hour. */
export function isForgotten(step: number, now: number): boolean {
  return toStepEnd(step) + HOUR_SECONDS * 1000 <= now;
}

function cut(steps: SeenSteps, from: number, to: number): SeenStep[] {
  const seen: SeenStep[] = [];
  for (let step = from; step < to; step += STEP_MS) {
    const found = steps.get(step);
    if (found !== undefined) seen.push(found);
  }
  return seen;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
