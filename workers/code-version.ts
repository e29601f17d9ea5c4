import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

export interface ReachedCode {
  /** Source files, relative to the root, in the order of their names. */
  readonly files: readonly string[];
  /** The packages that they import, as `name@version`. */
  readonly packages: readonly string[];
  /** Changes when the content of any of these files does, or the version of a package. */
  readonly version: string;
}

/** What a clause of a static import or re-export is made of; `import type` is gone before anything runs. */
const IMPORT = /^(?:import|export)\s+(?!type\s)(?:[\w$\s{},*]+\sfrom\s+)?'(?<static>[^']+)'|\b(?:import|require)\('(?<called>[^']+)'\)/gm;

/**
 * Follows the imports from some source files, as they lie on disk now, to everything in the repository that they reach.
 *
 * @param root where the repository lies
 * @param entries paths relative to it
 * @throws when a file can't be read
 */
export async function readReachedCode(root: string, entries: readonly string[]): Promise<ReachedCode> {
  const contents = new Map<string, string>();
  const packages = new Set<string>();
  const waiting = entries.map((entry) => resolve(root, entry));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (contents.has(file)) continue;
    const content = await readFile(file, 'utf8');
    contents.set(file, content);
    for (const specifier of toSpecifiers(content)) {
      if (specifier.startsWith('.')) waiting.push(resolve(dirname(file), specifier));
      else if (!specifier.startsWith('node:')) packages.add(toPackageName(specifier));
    }
  }
  const files = [...contents.keys()].map((file) => relative(root, file)).sort();
  const versions = await Promise.all([...packages].sort().map(async (name) => `${name}@${await readPackageVersion(root, name)}`));
  const hash = createHash('sha256');
  for (const file of files) hash.update(JSON.stringify([file, contents.get(resolve(root, file))]));
  hash.update(JSON.stringify(versions));
  return { files, packages: versions, version: hash.digest('hex') };
}

function toSpecifiers(content: string): string[] {
  return Array.from(content.matchAll(IMPORT), ({ groups }) => groups!['static'] ?? groups!['called']!);
}

/** `@scope/name` of `@scope/name/deep/file.js`. */
function toPackageName(specifier: string): string {
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

/** An image holds only what its role needs; what is missing there does not take part. */
async function readPackageVersion(root: string, name: string): Promise<string> {
  try {
    const { version } = JSON.parse(await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string };
    return version;
  } catch {
    return 'missing';
  }
}
