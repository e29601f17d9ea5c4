import { writeFile } from 'node:fs/promises';
import { Failure } from '../domain/failure.ts';

/**
 * Writes a file that somebody has asked for.
 *
 * @throws Failure `input-invalid` when it can't be written
 */
export async function writeNamedFile(file: string, content: string | Uint8Array): Promise<void> {
  await writeFile(file, content).catch((error: unknown) => {
    throw new Failure('input-invalid', `${file} can't be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`, { cause: error });
  });
}
