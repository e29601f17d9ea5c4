import { z } from 'zod';
import type { Emotion, PerEmotion } from './emotion.ts';
import { EMOTIONS, toPerEmotion } from './emotion.ts';
import type { FaceFlaw } from './face-quality.ts';

/** Said in place of an expression where none is likely enough to be named. */
export const UNCERTAIN = 'uncertain';

export const VERDICTS = [...EMOTIONS, UNCERTAIN] as const;

export const verdictSchema = z.enum(VERDICTS);

/** An expression, or that it is uncertain which. */
export type Verdict = z.infer<typeof verdictSchema>;

/** An answer to one image: probabilities that sum to 1, and what is said of them. */
export interface Classification {
  readonly emotion: Verdict;
  /** The probability of the likeliest expression, also where that is not named. */
  readonly confidence: number;
  readonly probabilities: PerEmotion;
}

/** What a version's threshold says: with less confidence than this, no expression is named. At 0, one always is. */
export interface Certainty {
  readonly uncertainBelow: number;
}

/** The likeliest expression. Of equals the first in the order of EMOTIONS wins. */
export function toLikeliest(probabilities: PerEmotion): Emotion {
  return EMOTIONS.reduce((best, label) => (probabilities[label] > probabilities[best] ? label : best));
}

/** Names the likeliest expression, if it is likely enough. */
export function toClassification(probabilities: PerEmotion, { uncertainBelow }: Certainty): Classification {
  const likeliest = toLikeliest(probabilities);
  const confidence = probabilities[likeliest];
  return { emotion: confidence < uncertainBelow ? UNCERTAIN : likeliest, confidence, probabilities };
}

/** A face's classification, and what else is known of how far to trust it. */
export interface FaceClassification extends Classification {
  /** How sure the detector is that it is a face, 0 to 1. */
  readonly score: number;
  readonly quality: readonly FaceFlaw[];
}

/** What the faces of an image show together; of no faces, nothing. */
export interface SceneSummary {
  readonly emotion: Verdict | null;
  readonly confidence: number | null;
  readonly probabilities: PerEmotion | null;
  /** Faces whose expression is named, by it. */
  readonly counts: PerEmotion;
  /** How many faces are in none of the counts. */
  readonly uncertainFaces: number;
}

/** What a face with one flaw counts, of what it would count without; with two flaws, that of that. */
const FLAWED_WEIGHT = 0.5;

/**
 * Summarises faces. Probabilities are their mean, in which a face counts by how sure the detector is that it is one, and
 * half for each flaw: near and far people count the same, as long as they can be seen well. Counts are of faces as they are.
 * The threshold holds for the mean as for a face: of people who show different things, no expression is named.
 */
export function toSceneSummary(faces: readonly FaceClassification[], certainty: Certainty): SceneSummary {
  const counts = toPerEmotion((label) => faces.filter(({ emotion }) => emotion === label).length);
  const uncertainFaces = faces.filter(({ emotion }) => emotion === UNCERTAIN).length;
  const weights = faces.map(({ score, quality }) => score * FLAWED_WEIGHT ** quality.length);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  if (whole === 0) return { emotion: null, confidence: null, probabilities: null, counts, uncertainFaces };
  const mean = toPerEmotion((label) => faces.reduce((sum, { probabilities }, index) => sum + probabilities[label] * weights[index]!, 0) / whole);
  return { ...toClassification(mean, certainty), counts, uncertainFaces };
}
