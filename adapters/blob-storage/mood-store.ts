import { z } from 'zod';
import type { SeenVenues } from '../../domain/mood.ts';
import { tallySchema } from '../../domain/mood.ts';
import { CONTAINERS, moodKeys } from '../../domain/names.ts';
import { cameraIdSchema, venueIdSchema } from '../../domain/venue.ts';
import type { BlobStore } from './blob-store.ts';
import { noneWithoutContainer } from './none-without-container.ts';
import { parseStored } from './stored-json.ts';

/** What one API process has filed of a step, by its name. */
export interface FiledStep {
  /** When the step began, in milliseconds since 1970. */
  readonly step: number;
  readonly processId: string;
}

/** What each API process sees, for the others: small files that are written once and deleted after an hour, in the `moods` container. */
export interface MoodStore {
  save(filed: FiledStep, seen: SeenVenues): Promise<void>;
  /** What was filed of a step, or of all steps, the oldest first. */
  list(step?: number): AsyncIterable<FiledStep>;
  /** Null when it is not there any more. @throws Failure `data-corrupt` */
  find(filed: FiledStep): Promise<SeenVenues | null>;
  remove(filed: FiledStep): Promise<void>;
}

const seenSchema = z.object({ venues: z.record(venueIdSchema, z.record(cameraIdSchema, tallySchema)) });

const container = CONTAINERS.moods;

export function createMoodStore(blobs: BlobStore): MoodStore {
  return {
    async save({ step, processId }, seen) {
      const venues = Object.fromEntries([...seen].map(([venue, cameras]) => [venue, Object.fromEntries(cameras)]));
      await blobs.write(container, moodKeys.seen(step, processId), JSON.stringify({ venues } satisfies z.infer<typeof seenSchema>));
    },

    async *list(step) {
      const prefix = step === undefined ? moodKeys.prefix : moodKeys.stepPrefix(step);
      for await (const { name } of blobs.list(container, prefix)) {
        const filed = moodKeys.parse(name);
        if (filed !== null) yield filed;
      }
    },

    async find({ step, processId }) {
      const key = moodKeys.seen(step, processId);
      const blob = await blobs.find(container, key).catch(noneWithoutContainer);
      if (blob === null) return null;
      const { venues } = parseStored(seenSchema, key, blob.bytes);
      return new Map(Object.entries(venues).map(([venue, cameras]) => [venue, new Map(Object.entries(cameras))]));
    },

    remove: ({ step, processId }) => blobs.remove(container, moodKeys.seen(step, processId)),
  };
}
