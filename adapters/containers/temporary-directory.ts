import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from './credentials.ts';

/**
 * Gives buildah a directory of its own for what it keeps there while it works, and removes that afterwards: a build that is
 * ended cleans up nothing by itself. The `--mount=type=cache` of builds, which it keeps in the same place, stays.
 */
export async function withTemporaryDirectory<T>(environment: Environment, work: (environment: Environment) => Promise<T>): Promise<T> {
  // Where it would be otherwise, which an empty name does not say; /tmp may be memory.
  const parent = environment['TMPDIR'] || '/var/tmp';
  const userId = process.getuid?.() ?? 0;
  const cache = join(parent, `buildah-cache-${userId}`);
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const directory = await mkdtemp(join(parent, 'barometer-build-'));
  try {
    // Its names in older and in newer versions.
    for (const name of ['buildah-cache', `buildah-cache-${userId}`]) await symlink(cache, join(directory, name));
    return await work({ ...environment, TMPDIR: directory });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
