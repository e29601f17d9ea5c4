import { z } from 'zod';

const share = z.number().min(0).max(1);
const count = z.int().nonnegative();

/** From which confidence on an expression is named, chosen on validation images for a stated precision. */
export const certaintySchema = z.object({
  /** Of the answers that name an expression, the share that was asked to be right. */
  precision: share,
  /** With less confidence than this, no expression is named. At 0, one always is. */
  uncertainBelow: share,
  /** Whether that precision was found on the validation images; where not, the threshold is the one that comes nearest. */
  isReached: z.boolean(),
  /** Validation images: all, those for which the threshold names an expression, and those of them for which rightly. */
  images: count,
  named: count,
  right: count,
});
export type ChosenCertainty = z.infer<typeof certaintySchema>;

/** What was answered to an image whose expression is known. */
export interface Verified {
  /** The probability of the likeliest expression. */
  readonly confidence: number;
  /** Whether that is the image's. */
  readonly isRight: boolean;
}

/** Of fewer answers nothing is concluded: two of three right may as well be chance. */
export const LEAST_ANSWERS = 20;

/**
 * Chooses the lowest threshold at and above which answers are right as often as is asked for: both by what was right and by what
 * the (calibrated) confidences promise, so that neither luck on few images nor boasting is enough. Where there is none, the one
 * that comes nearest is taken, and `isReached` is false: a network that is wrong too often names an expression only where it is
 * surest. A threshold that would name fewer than {@link LEAST_ANSWERS} images is none, so that with fewer images than that
 * all are named.
 */
export function chooseCertainty(answers: readonly Verified[], precision: number): ChosenCertainty {
  const surest = answers.toSorted((a, b) => b.confidence - a.confidence);
  let right = 0;
  let promised = 0;
  const cuts = surest.map(({ confidence, isRight }, index): Cut => {
    right += Number(isRight);
    promised += confidence;
    const next = surest[index + 1]?.confidence;
    // Halfway to what is left out, so that the last digits of a probability decide nothing.
    const precision = Math.min(right, promised) / (index + 1);
    return { named: index + 1, right, precision, uncertainBelow: next === undefined ? 0 : (confidence + next) / 2, splitsEquals: next === confidence };
  });
  const possible = cuts.filter((cut) => cut.named >= LEAST_ANSWERS && !cut.splitsEquals);
  const found = possible.findLast((cut) => cut.precision >= precision);
  const chosen = found ?? possible.reduce<Cut | null>((best, cut) => (best !== null && best.precision > cut.precision ? best : cut), null);
  const { uncertainBelow, named, right: rightly } = chosen ?? { uncertainBelow: 0, named: answers.length, right };
  return { precision, uncertainBelow, isReached: found !== undefined, images: answers.length, named, right: rightly };
}

interface Cut extends Pick<ChosenCertainty, 'uncertainBelow' | 'named' | 'right'> {
  /** The lower of what was right and what was promised. */
  readonly precision: number;
  /** Whether it parts answers of the same confidence, which no threshold can. */
  readonly splitsEquals: boolean;
}
