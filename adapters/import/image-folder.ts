import { opendir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../domain/failure.ts';
import type { ImageSource } from './image-source.ts';
import { toEmotion } from './label-name.ts';

/**
 * The files of `<directory>/<label>/…`, folders inside a label's folder included. Hidden files and the litter of file
 * managers are passed over, and so are files that lie in no folder.
 *
 * @throws Failure `input-invalid` when the directory can't be read or has no folders
 */
export async function* readImageFolder(directory: string): ImageSource {
  const folders = await listNames(directory, 'folders').catch((error: unknown) => {
    throw new Failure('input-invalid', `${directory} can't be read as a directory.`, { cause: error });
  });
  if (folders.length === 0) {
    throw new Failure('input-invalid', `${directory} has no folders. Put the images into folders named by their label: happy, sad, angry, fearful.`);
  }
  for (const labelName of folders) {
    const label = toEmotion(labelName);
    for await (const fileName of walk(join(directory, labelName))) {
      yield { label, labelName, fileName, read: () => readFile(join(directory, labelName, fileName)) };
    }
  }
}

async function* walk(directory: string, prefix = ''): AsyncGenerator<string> {
  for (const name of await listNames(directory, 'files')) yield prefix + name;
  for (const name of await listNames(directory, 'folders')) yield* walk(join(directory, name), `${prefix}${name}/`);
}

/** Sorted, so that every import goes in the same order. Links count as what they lead to. */
async function listNames(directory: string, kind: 'files' | 'folders'): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of await opendir(directory)) {
    if (entry.name.startsWith('.') || entry.name.toLowerCase() === 'thumbs.db') continue;
    const target = entry.isSymbolicLink() ? await stat(join(directory, entry.name)).catch(() => entry) : entry;
    if (kind === 'files' ? target.isFile() : target.isDirectory()) names.push(entry.name);
  }
  return names.sort();
}
