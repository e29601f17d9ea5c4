import type { Reading } from './mood.ts';
import type { MoodRule } from './venue.ts';

/** What may be said of a step: null where too few faces were seen. */
export type StepReading = Pick<Reading, 'faces' | 'shares'> | null;

/** That a rule is true, and by what. */
export interface Occurrence {
  /** Of all faces in the time that the rule looks at, those that show its emotion. */
  readonly share: number;
  readonly faces: number;
}

/**
 * Whether a rule is true by the steps of its time, the oldest first: in every step of which something may be said the share is above, and no two
 * steps in a row are silent. So neither one loud moment nor one frightened face in an empty room makes it true, and a camera that sends
 * an image every twenty seconds is enough.
 */
export function findOccurrence({ emotion, shareAbove }: Pick<MoodRule, 'emotion' | 'shareAbove'>, steps: readonly StepReading[]): Occurrence | null {
  const shown = steps.filter((step) => step !== null);
  const isSilent = shown.length === 0 || steps.some((step, index) => step === null && steps[index + 1] === null);
  if (isSilent || shown.some(({ shares }) => shares[emotion] <= shareAbove)) return null;
  const faces = shown.reduce((total, step) => total + step.faces, 0);
  return { faces, share: shown.reduce((total, { shares, faces: count }) => total + shares[emotion] * count, 0) / faces };
}
