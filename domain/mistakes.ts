import type { Emotion, PerEmotion } from './emotion.ts';
import { toLikeliest } from './prediction.ts';

/** What a network said of an image whose label is known. */
export interface LabelledAnswer {
  readonly label: Emotion;
  /** sha256 of the raw image. */
  readonly digest: string;
  readonly probabilities: PerEmotion;
}

/** An image that was taken for something else. */
export interface Mistake {
  readonly digest: string;
  readonly label: Emotion;
  readonly answer: Emotion;
  /** Probability of the answer. */
  readonly confidence: number;
}

/** The wrong answers, those given with most confidence first; of equal ones, in the order of the digests. */
export function toMistakes(answers: readonly LabelledAnswer[]): Mistake[] {
  return answers
    .map(({ digest, label, probabilities }) => {
      const answer = toLikeliest(probabilities);
      return { digest, label, answer, confidence: probabilities[answer] };
    })
    .filter(({ label, answer }) => label !== answer)
    .sort((a, b) => b.confidence - a.confidence || (a.digest < b.digest ? -1 : 1));
}
