import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Failure } from '../domain/failure.ts';
import type { Venue } from '../domain/venue.ts';
import { venueSchema } from '../domain/venue.ts';

/**
 * The document of a venue from a JSON file, or from what comes in for `-`.
 *
 * @throws Failure `input-invalid` naming each field that is wrong, and how
 */
export async function readVenueFile(file: string): Promise<Venue> {
  const source = file === '-' ? 'what came in' : file;
  const parsed = venueSchema.safeParse(parseJson(await readText(file), source), {
    error: ({ code, input }) => (code === 'invalid_type' && input === undefined ? 'is missing' : undefined),
  });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${toFieldName(path)}: ${message}`));
  throw new Failure('input-invalid', `In ${source} something is wrong, and nothing was changed:\n  ${problems.join('\n  ')}`);
}

async function readText(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new Failure('input-invalid', `${file} can't be read. Is it there?`, { cause: error });
  });
}

function parseJson(content: string, source: string): unknown {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, '')) as unknown;
  } catch (error) {
    throw new Failure('input-invalid', `In ${source} is no JSON: ${(error as SyntaxError).message}`, { cause: error });
  }
}

/** As one would write it in JavaScript: `rules[0].forSeconds`. */
function toFieldName(path: readonly PropertyKey[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`)).join('');
}
