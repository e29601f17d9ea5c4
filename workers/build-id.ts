import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CodeConfig } from '../config/code.ts';
import { Failure } from '../domain/failure.ts';
import type { GitSha } from '../domain/git-sha.ts';
import { readOwnCommit } from './own-commit.ts';

const HOME = fileURLToPath(new URL('..', import.meta.url));

/**
 * The version that a worker tells the server it is of: its commit.
 *
 * @throws Failure `configuration-invalid` when the commit is not known, or does not tell all
 */
export async function readBuildId(code: CodeConfig, directory = HOME): Promise<GitSha> {
  const commit = await readOwnCommit(code, directory);
  if (code.gitSha === null && (await hasChanges(directory))) {
    throw new Failure(
      'configuration-invalid',
      `BAROMETER_WORKER_VERSIONING is on, but there are uncommitted changes in ${directory}, so that ${commit} would not name what runs. Commit them, or say in BAROMETER_GIT_SHA what this code is to be called.`,
    );
  }
  return commit;
}

/** Also files that git does not know yet, unless it is told to ignore them. */
async function hasChanges(directory: string): Promise<boolean> {
  const { stdout } = await promisify(execFile)('git', ['status', '--porcelain'], { cwd: directory });
  return stdout.trim() !== '';
}
