import type { Emotion, PerEmotion } from './emotion.ts';
import { EMOTIONS } from './emotion.ts';

/** A network's answer to one image: probabilities that sum to 1, and the likeliest label. */
export interface Classification {
  readonly emotion: Emotion;
  readonly confidence: number;
  readonly probabilities: PerEmotion;
}

/** Names the likeliest label. Of equals the first in the order of EMOTIONS wins. */
export function toClassification(probabilities: PerEmotion): Classification {
  const emotion = EMOTIONS.reduce((best, label) => (probabilities[label] > probabilities[best] ? label : best));
  return { emotion, confidence: probabilities[emotion], probabilities };
}
