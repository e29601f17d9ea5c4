import type { Emotion, PerEmotion } from './emotion.ts';
import { EMOTIONS, toPerEmotion } from './emotion.ts';
import type { LabelledAnswer } from './mistakes.ts';

/** An image whose label is probably wrong. */
export interface Suspect {
  /** sha256 of the raw image. */
  readonly digest: string;
  readonly label: Emotion;
  /** What it more likely shows. */
  readonly likelier: Emotion;
  /** Probabilities that a network which never saw the image gave to both. */
  readonly confidence: number;
  readonly labelConfidence: number;
}

/**
 * Finds images that are probably labelled wrongly among answers of networks that were not trained on them, the most likely
 * first. This is confident learning (Northcutt, Jiang, Chuang: "Confident Learning: Estimating Uncertainty in Dataset Labels",
 * JAIR 2021): an image belongs to the label of which a network is at least as sure as it is on average of the images that carry
 * this label. So a label of which it is never sure needs less, and how sure the network is of itself does not matter. They are
 * ordered by how much more likely that label is than their own.
 */
export function toSuspects(answers: readonly LabelledAnswer[]): Suspect[] {
  const thresholds = toMeanConfidences(answers);
  return answers
    .flatMap(({ digest, label, probabilities }): Suspect[] => {
      const likelier = EMOTIONS.filter((emotion) => probabilities[emotion] >= thresholds[emotion]).toSorted((a, b) => probabilities[b] - probabilities[a])[0];
      if (likelier === undefined || likelier === label) return [];
      const [confidence, labelConfidence] = [probabilities[likelier], probabilities[label]];
      return confidence > labelConfidence ? [{ digest, label, likelier, confidence, labelConfidence }] : [];
    })
    .sort((a, b) => toMargin(b) - toMargin(a) || (a.digest < b.digest ? -1 : 1));
}

function toMargin({ confidence, labelConfidence }: Suspect): number {
  return confidence - labelConfidence;
}

/** For each label, the mean probability that the images with this label are given for it; above 1, and so never reached, for a label without images. */
function toMeanConfidences(answers: readonly LabelledAnswer[]): PerEmotion {
  return toPerEmotion((emotion) => {
    const own = answers.filter(({ label }) => label === emotion).map(({ probabilities }) => probabilities[emotion]);
    return own.length === 0 ? Number.POSITIVE_INFINITY : own.reduce((sum, probability) => sum + probability, 0) / own.length;
  });
}
