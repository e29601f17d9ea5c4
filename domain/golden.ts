import { z } from 'zod';
import type { PerEmotion } from './emotion.ts';
import { EMOTIONS, perEmotion } from './emotion.ts';

/** An image and what the evaluated network answered to it: whoever serves the version must answer the same. */
export const goldenPredictionSchema = z.object({
  /** A drawn face, of no person, as a PNG or JPEG file in base64. */
  image: z.base64(),
  probabilities: perEmotion(z.number()),
});
export type GoldenPrediction = z.infer<typeof goldenPredictionSchema>;

/** Larger than what processors and versions of the runtime differ by, and far smaller than what another model would. */
export const LARGEST_GOLDEN_DIFFERENCE = 1e-3;

/** The largest difference in any probability. */
export function toGoldenDifference(expected: PerEmotion, answered: PerEmotion): number {
  return Math.max(...EMOTIONS.map((emotion) => Math.abs(expected[emotion] - answered[emotion])));
}
