import { z } from 'zod';
import { emotionSchema, perEmotion } from '../domain/emotion.ts';
import type { MinuteOfMood, Mood } from '../domain/mood.ts';
import type { Venue } from '../domain/venue.ts';

/** What is answered about venues: the one source of its types and of openapi.json. */

const share = z.number().min(0).max(1);

const readingSchema = z
  .object({
    faces: z.int().positive().meta({ description: 'In all images together: a person who stays in the picture is counted in each.' }),
    images: z.int().positive(),
    emotion: emotionSchema.nullable().meta({ description: 'Named for the most faces; null where none is named for any.' }),
    probabilities: perEmotion(share).meta({ description: 'The mean of all faces.' }),
    shares: perEmotion(share).meta({ description: 'Of all faces, those for which each expression is named; what is missing to 1 is uncertain.' }),
  })
  .meta({ id: 'Reading', description: 'What the faces of some time show together.' });

const maybeReading = readingSchema.nullable();
const time = z.iso.datetime();

export const moodEventSchema = z
  .object({
    venue: z.string(),
    at: time.meta({ description: 'Up to when; some 5 to 15 seconds ago.' }),
    minimumFaces: z.int().min(2).meta({ description: 'Of ten seconds in which fewer faces were seen at once, nothing is counted in here.' }),
    now: maybeReading.meta({ description: 'Of the minute before; null where too few faces were seen.' }),
    cameras: z.record(z.string(), z.object({ now: maybeReading })).meta({
      description: 'Each camera of which images came in that minute. Also null where the difference to `now` would say too much of another one.',
    }),
  })
  .meta({ id: 'MoodEvent', description: 'The mood of a venue, as it is sent when it changes.' });
export type MoodEvent = z.infer<typeof moodEventSchema>;

export const moodAnswerSchema = moodEventSchema
  .extend({
    series: z
      .array(z.object({ at: time, seconds: z.literal(60), reading: maybeReading }))
      .length(60)
      .meta({ description: 'The last hour, minute by minute by the clock, the oldest first; the last one as far as it has come.' }),
  })
  .meta({ id: 'Mood', description: 'The mood of a venue: counts and means of many faces, now and in the last hour.' });
export type MoodAnswer = z.infer<typeof moodAnswerSchema>;

export const camerasAnswerSchema = z
  .object({
    venue: z.string(),
    cameras: z.record(z.string(), z.object({ name: z.string().nullable() })).meta({
      description: 'By what an image says of where it is from (`camera`). Empty where the venue describes none: any name will do then, and otherwise these alone.',
    }),
  })
  .meta({ id: 'Cameras', description: 'The cameras that a venue describes.' });
export type CamerasAnswer = z.infer<typeof camerasAnswerSchema>;

export function toCamerasAnswer(venue: string, cameras: Venue['cameras']): CamerasAnswer {
  return { venue, cameras: Object.fromEntries(Object.entries(cameras).map(([id, { name = null }]) => [id, { name }])) };
}

export function toMoodEvent(venue: string, minimumFaces: number, { at, now, cameras }: Mood): MoodEvent {
  return { venue, at: new Date(at).toISOString(), minimumFaces, now, cameras: Object.fromEntries([...cameras].map(([name, reading]) => [name, { now: reading }])) };
}

export function toMoodAnswer(event: MoodEvent, series: readonly MinuteOfMood[]): MoodAnswer {
  return { ...event, series: series.map(({ at, reading }) => ({ at: new Date(at).toISOString(), seconds: 60, reading })) };
}
