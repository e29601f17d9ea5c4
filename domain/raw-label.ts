import type { Emotion } from './emotion.ts';
import { isEmotion } from './emotion.ts';

/** The label of a raw blob's name, `<label>/<file>`; null outside the label folders, and for what file managers leave behind in them. */
export function toRawLabel(name: string): Emotion | null {
  const [folder = '', ...rest] = name.split('/');
  const file = rest.at(-1) ?? '';
  const isLitter = file === '' || file.startsWith('.') || file.toLowerCase() === 'thumbs.db';
  return isEmotion(folder) && !isLitter ? folder : null;
}
