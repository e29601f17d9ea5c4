import type { Emotion } from '../../domain/emotion.ts';
import { isEmotion } from '../../domain/emotion.ts';

/** How well-known data sets (FER2013, AffectNet, RAF-DB and their folder copies) call the four expressions. */
const ALIASES: ReadonlyMap<string, Emotion> = new Map([
  ['happiness', 'happy'],
  ['sadness', 'sad'],
  ['anger', 'angry'],
  ['fear', 'fearful'],
]);

/** The label that a folder's or a column's name means, in any case; null when it is none of the four. */
export function toEmotion(name: string): Emotion | null {
  const plain = name.trim().toLowerCase();
  return isEmotion(plain) ? plain : (ALIASES.get(plain) ?? null);
}
