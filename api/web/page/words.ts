import type { Emotion, PerEmotion } from '../../../domain/emotion.ts';
import type { Verdict } from '../../../domain/prediction.ts';

/** In the order of the domain's. That module would bring a validator along, which a browser has no use for. */
export const EMOTIONS: readonly Emotion[] = Object.keys({ happy: 0, sad: 0, angry: 0, fearful: 0 } satisfies PerEmotion) as Emotion[];

/** Said in place of an emotion that is not likely enough to be named. */
export const UNCERTAIN = 'uncertain' satisfies Verdict;

const grouped = new Intl.NumberFormat('en');

/** In one piece, wherever a line ends. */
export function toPercent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)}\u00a0%`;
}

export function toWhole(number: number): string {
  return grouped.format(number);
}

export function toNumberOf(number: number, thing: string): string {
  return `${toWhole(number)} ${thing}${number === 1 ? '' : 's'}`;
}

export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** `4 happy, 1 sad, 2 uncertain`: of those that there are any of. */
export function toTally(counts: PerEmotion, others: Readonly<Record<string, number>>): string {
  return [...EMOTIONS.map((emotion) => [emotion, counts[emotion]] as const), ...Object.entries(others)]
    .filter(([, number]) => number > 0)
    .map(([word, number]) => `${number} ${word}`)
    .join(', ');
}
