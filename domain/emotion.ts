import { z } from 'zod';

/**
 * The four expressions that Barometer tells apart, in the order in which every probability vector,
 * every confusion matrix and every network output of this code base lists them.
 *
 * A stored model carries its own label order; it is compared with this one when the model is loaded.
 */
export const EMOTIONS = ['happy', 'sad', 'angry', 'fearful'] as const;

export const emotionSchema = z.enum(EMOTIONS);

export type Emotion = z.infer<typeof emotionSchema>;

/** One number per emotion: a probability, a count, a weight. */
export type PerEmotion<T = number> = Readonly<Record<Emotion, T>>;

export const perEmotion = <T extends z.ZodType>(value: T): z.ZodObject<Record<Emotion, T>> =>
  z.object({ happy: value, sad: value, angry: value, fearful: value });

export function isEmotion(text: string): text is Emotion {
  return (EMOTIONS as readonly string[]).includes(text);
}

/** Builds a value per emotion, in the order of {@link EMOTIONS}. */
export function toPerEmotion<T>(valueOf: (emotion: Emotion, index: number) => T): Record<Emotion, T> {
  return Object.fromEntries(EMOTIONS.map((emotion, index) => [emotion, valueOf(emotion, index)])) as Record<Emotion, T>;
}
