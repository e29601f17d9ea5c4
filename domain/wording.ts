import type { PerEmotion } from './emotion.ts';
import { EMOTIONS } from './emotion.ts';

/** How figures read wherever people meet them: in the Temporal UI, in messages, pictures and on the command line. */

/** `93.4 %`. */
export function toPercent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** `3 happy, 4 sad, 5 angry, 0 fearful`. */
export function toCounts(counts: PerEmotion): string {
  return EMOTIONS.map((emotion) => `${counts[emotion]} ${emotion}`).join(', ');
}

/** Of all labels together. */
export function toTotal(counts: PerEmotion): number {
  return EMOTIONS.reduce((total, emotion) => total + counts[emotion], 0);
}

/** `1 image`, `7 images`. */
export function toNumberOf(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

/** What a list of images that a run leaves out is called; null where there is none, as in runs of before there could be one. */
export function toListName(exclusions: string | null | undefined): string | null {
  return typeof exclusions === 'string' ? `list ${exclusions.slice(0, 7)}` : null;
}
