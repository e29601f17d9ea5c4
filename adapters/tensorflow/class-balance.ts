import type { PerEmotion } from '../../domain/emotion.ts';
import { EMOTIONS } from '../../domain/emotion.ts';

/** A label with hardly any images would otherwise be learned by heart. */
const MAX_WEIGHT = 10;

/**
 * How much an image of each label counts in the loss, in the order of EMOTIONS: in inverse proportion to how many there
 * are, so that each label as a whole counts the same; 1 on average over the images when no label is capped.
 */
export function toClassWeights(counts: PerEmotion): Float32Array {
  const total = EMOTIONS.reduce((sum, label) => sum + counts[label], 0);
  const present = EMOTIONS.filter((label) => counts[label] > 0).length;
  return Float32Array.from(EMOTIONS, (label) =>
    counts[label] === 0 ? 0 : Math.min(MAX_WEIGHT, total / (present * counts[label])),
  );
}
