import type { Emotion, PerEmotion } from './emotion.ts';
import { EMOTIONS, toPerEmotion } from './emotion.ts';
import type { FaceFlaw } from './face-quality.ts';

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

/** A face's classification, and what else is known of how far to trust it. */
export interface FaceClassification extends Classification {
  /** How sure the detector is that it is a face, 0 to 1. */
  readonly score: number;
  readonly quality: readonly FaceFlaw[];
}

/** What the faces of an image show together; of no faces, nothing. */
export interface SceneSummary {
  readonly emotion: Emotion | null;
  readonly confidence: number | null;
  readonly probabilities: PerEmotion | null;
  /** Faces by their likeliest label. */
  readonly counts: PerEmotion;
}

/** What a face with one flaw counts, of what it would count without; with two flaws, that of that. */
const FLAWED_WEIGHT = 0.5;

/**
 * Summarises faces. Probabilities are their mean, in which a face counts by how sure the detector is that it is one, and
 * half for each flaw: near and far people count the same, as long as they can be seen well. Counts are of faces as they are.
 */
export function toSceneSummary(faces: readonly FaceClassification[]): SceneSummary {
  const counts = toPerEmotion((label) => faces.filter(({ emotion }) => emotion === label).length);
  const weights = faces.map(({ score, quality }) => score * FLAWED_WEIGHT ** quality.length);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  if (whole === 0) return { emotion: null, confidence: null, probabilities: null, counts };
  const mean = toPerEmotion((label) => faces.reduce((sum, { probabilities }, index) => sum + probabilities[label] * weights[index]!, 0) / whole);
  return { ...toClassification(mean), counts };
}
