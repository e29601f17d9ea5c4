import { randomUUID } from 'node:crypto';
import type { FiledStep, MoodStore } from '../adapters/blob-storage/mood-store.ts';
import type { Logger } from '../adapters/telemetry/logger.ts';
import type { Mood, MinuteOfMood, Reading, SeenStep, SeenVenues, Tally } from '../domain/mood.ts';
import { addSteps, addTallies, HOUR_SECONDS, isForgotten, STEP_SECONDS, toMood, toReadingBetween, toSeries, toStep, toStepEnd, toTally } from '../domain/mood.ts';
import type { Classification } from '../domain/prediction.ts';
import { follow } from './follow.ts';

/** Where an image was taken. */
export interface Place {
  readonly venue: string;
  readonly camera: string;
}

/** Knows the mood of every venue in the last hour, whichever API process has seen its images. Nothing of it waits for storage. */
export interface MoodKeeper {
  /** Counts the faces of one image; false where this process already counts as many cameras as it can. */
  record(place: Place, faces: readonly Pick<Classification, 'emotion' | 'probabilities'>[]): boolean;
  now(venue: string): Mood;
  /** Of the last hour, minute by minute. */
  series(venue: string): MinuteOfMood[];
  /** What the last so many seconds showed, step by step, the oldest first, up to the last step of which all is known. Null where too few faces were seen. */
  readSteps(venue: string, seconds: number): { readonly endsAt: number; readonly steps: readonly (Reading | null)[] };
  /** Takes over what other processes have seen, and files what this one has; never rejects. */
  refresh(): Promise<void>;
  /** Files what is not yet, and stops. */
  close(): Promise<void>;
}

/** Remembers nothing: for measurements of other things. */
export const NO_MOODS: Pick<MoodKeeper, 'record' | 'now' | 'series'> = { record: () => false, now: () => ({ at: 0, now: null, cameras: new Map() }), series: () => toSeries(new Map(), 0, 0) };

export interface MoodKeeperOptions {
  readonly store: MoodStore;
  /** Of fewer faces at once nothing is said of this venue. */
  readonly minimumFacesOf: (venue: string) => number;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly pollMs?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const POLL_MS = 2_000;

/**
 * How long after its end a step is waited for: until then the other processes have filed what they have seen, their clocks being
 * a little off. What is shown once does not change any more: else the difference would be what one process alone has seen.
 */
const SETTLE_MS = 5_000;

/** Each has a name that a caller made up, and is remembered for an hour. */
const MOST_CAMERAS = 500;
/** After so many steps without news, all is listed at once instead of step by step. */
const MOST_SINGLE_LISTS = 6;
const READERS = 16;
const CLEAN_UP_MS = 60_000;

type OwnStep = Map<string, Map<string, Tally>>;

export function createMoodKeeper({ store, minimumFacesOf, logger, pollMs = POLL_MS, now = Date.now }: MoodKeeperOptions): MoodKeeper {
  const processId = randomUUID();
  /** What is shown: steps that are settled, by venue and beginning. */
  const settled = new Map<string, Map<number, SeenStep>>();
  /** The end of the last settled step. */
  let settledTo = toStep(now()) - HOUR_SECONDS * 1000;
  const own = new Map<number, OwnStep>();
  const filed = new Set<number>();
  const others = new Map<number, Map<string, SeenVenues>>();
  let isReachable = true;
  let cleanedUpAt = 0;

  function save(step: number): Promise<void> {
    return store.save({ step, processId }, own.get(step)!).then(() => void filed.add(step));
  }

  async function read(step: FiledStep): Promise<void> {
    const known = others.get(step.step) ?? new Map<string, SeenVenues>();
    others.set(step.step, known);
    if (step.processId === processId || known.has(step.processId)) return;
    const seen = await store.find(step);
    if (seen !== null) known.set(step.processId, seen);
  }

  /** False where there was nothing to exchange. */
  async function exchange(at: number): Promise<boolean> {
    const over = toStep(at);
    const unfiled = [...own.keys()].filter((step) => step < over && !filed.has(step));
    // Once or twice each, shortly before they settle: the others have filed them by then, and each look is paid for.
    const wanted = toSteps(settledTo, over).filter((step) => toStepEnd(step) + SETTLE_MS - pollMs <= at);
    const lists = wanted.length > MOST_SINGLE_LISTS ? [store.list()] : wanted.map((step) => store.list(step));
    await allOf([
      ...unfiled.map(save),
      ...lists.map(async (list) => {
        const found = (await Array.fromAsync(list)).filter(({ step }) => step >= settledTo && step < over);
        for (let first = 0; first < found.length; first += READERS) await allOf(found.slice(first, first + READERS).map(read));
      }),
    ]);
    if (at - cleanedUpAt >= CLEAN_UP_MS) {
      await cleanUp(at);
      cleanedUpAt = at;
    }
    return unfiled.length + lists.length > 0;
  }

  /** Any process deletes what is forgotten, whoever has filed it. */
  async function cleanUp(at: number): Promise<void> {
    for await (const each of store.list()) {
      if (!isForgotten(each.step, at)) return;
      await store.remove(each);
    }
  }

  function settle(at: number): void {
    for (const step of toSteps(settledTo, at - SETTLE_MS).filter((each) => toStepEnd(each) + SETTLE_MS <= at)) {
      const seen = [own.get(step) ?? new Map(), ...(others.get(step)?.values() ?? [])] as SeenVenues[];
      for (const venue of new Set(seen.flatMap((each) => [...each.keys()]))) {
        const steps = settled.get(venue) ?? new Map<number, SeenStep>();
        settled.set(venue, steps.set(step, addSteps(seen.flatMap((each) => each.get(venue) ?? []))));
      }
      for (const unsettled of [own, others, filed]) unsettled.delete(step);
      settledTo = toStepEnd(step);
    }
  }

  function forget(at: number): void {
    for (const [venue, steps] of settled) {
      for (const step of steps.keys()) if (isForgotten(step, at)) steps.delete(step);
      if (steps.size === 0) settled.delete(venue);
    }
  }

  async function look(): Promise<void> {
    const at = now();
    try {
      const isReached = await exchange(at);
      if (isReached && !isReachable) logger.info('moods are shared with other processes again');
      isReachable ||= isReached;
    } catch (error) {
      // Once, not at every look.
      if (isReachable) logger.warn({ err: error }, 'moods could not be shared with other processes; this one shows what it sees itself');
      isReachable = false;
    }
    settle(at);
    forget(at);
  }

  const following = follow(look, pollMs);
  const stepsOf = (venue: string) => settled.get(venue) ?? new Map<number, SeenStep>();

  return {
    record({ venue, camera }, faces) {
      const step = toStep(now());
      // The clock was set back: what others have taken over does not change any more.
      if (step < settledTo || filed.has(step)) return false;
      const venues = own.get(step) ?? (new Map() as OwnStep);
      const cameras = venues.get(venue) ?? new Map<string, Tally>();
      const before = cameras.get(camera);
      if (before === undefined && countCameras(venues) >= MOST_CAMERAS) return false;
      own.set(step, venues.set(venue, cameras.set(camera, addTallies([...(before === undefined ? [] : [before]), toTally(faces)]))));
      return true;
    },
    now: (venue) => toMood(stepsOf(venue), settledTo, minimumFacesOf(venue)),
    series: (venue) => toSeries(stepsOf(venue), settledTo, minimumFacesOf(venue)),
    readSteps(venue, seconds) {
      const wanted = toSteps(settledTo - seconds * 1000, settledTo);
      return { endsAt: settledTo, steps: wanted.map((step) => toReadingBetween(stepsOf(venue), step, toStepEnd(step), minimumFacesOf(venue))) };
    },
    refresh: following.refresh,
    async close() {
      await following.close();
      await allOf([...own.keys()].filter((step) => !filed.has(step)).map(save)).catch((error: unknown) => {
        logger.warn({ err: error }, 'what was seen last could not be shared with other processes');
      });
    },
  };
}

function countCameras(venues: OwnStep): number {
  return [...venues.values()].reduce((total, { size }) => total + size, 0);
}

function toSteps(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / (STEP_SECONDS * 1000))) }, (_, index) => from + index * STEP_SECONDS * 1000);
}

/** Waits for all, and fails with the first that failed. */
async function allOf(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
}
