import { z } from 'zod';
import { Failure } from './failure.ts';

/** Names of raw images that a run leaves out of training. */
export const exclusionsSchema = z.array(z.string()).min(1);
export type Exclusions = z.infer<typeof exclusionsSchema>;

/**
 * Reads a list that people keep: a raw image's name on each line, `<label>/<file>`. Empty lines and those that begin with # are
 * passed over, and so is what follows a tab. Returns each name once, in order, so that the same list is the same whoever wrote it.
 *
 * @throws Failure `input-invalid` when it names nothing, or something that can't be a raw image
 */
export function parseExclusions(text: string): Exclusions {
  const lines = text.split(/\r?\n/).map((line) => line.split('\t')[0]!.trim());
  const names = [...new Set(lines.filter((line) => line !== '' && !line.startsWith('#')))].sort();
  const wrong = names.find((name) => !name.includes('/'));
  if (wrong !== undefined) throw new Failure('input-invalid', `"${wrong}" is no raw image; a list to exclude has names such as happy/1.png, one a line.`);
  if (names.length === 0) throw new Failure('input-invalid', 'The list to exclude names no image.');
  return names;
}
