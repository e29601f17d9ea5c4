import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CodeConfig } from '../config/code.ts';
import { Failure } from '../domain/failure.ts';
import type { GitSha } from '../domain/git-sha.ts';

const HOME = fileURLToPath(new URL('..', import.meta.url));

/**
 * The commit of this code: as the settings say, or else HEAD of the repository that it lies in.
 *
 * @throws Failure `configuration-invalid` when neither is there
 */
export async function readOwnCommit({ gitSha }: CodeConfig, directory = HOME): Promise<GitSha> {
  if (gitSha !== null) return gitSha;
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', '--verify', 'HEAD'], { cwd: directory });
    return stdout.trim();
  } catch (error) {
    throw new Failure('configuration-invalid', 'This worker does not know its own commit: set BAROMETER_GIT_SHA, or name a commit with --git-sha.', { cause: error });
  }
}
