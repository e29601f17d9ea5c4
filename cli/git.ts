import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from '../domain/failure.ts';
import type { GitSha } from '../domain/git-sha.ts';
import { gitShaSchema } from '../domain/git-sha.ts';

const run = promisify(execFile);

/**
 * The commit that is checked out in a directory.
 *
 * @throws Failure `input-invalid` outside a git repository, or in one without a commit
 */
export async function readHead(directory: string): Promise<GitSha> {
  try {
    const { stdout } = await run('git', ['rev-parse', '--verify', 'HEAD'], { cwd: directory });
    return stdout.trim();
  } catch (error) {
    throw new Failure('input-invalid', `There is no git commit to name this run by in ${directory}. Give one with --git-sha.`, { cause: error });
  }
}

/**
 * The full id of a commit, from whatever names it: a branch, a tag, a short sha.
 * A full id is taken as it is, also for a commit that this clone does not have.
 *
 * @throws Failure `input-invalid`
 */
export async function resolveCommit(name: string, directory: string): Promise<GitSha> {
  const full = gitShaSchema.safeParse(name.toLowerCase());
  if (full.success) return full.data;
  try {
    const { stdout } = await run('git', ['rev-parse', '--verify', '--end-of-options', `${name}^{commit}`], { cwd: directory });
    return stdout.trim();
  } catch (error) {
    throw new Failure('input-invalid', `"${name}" names no commit here: give a full git-sha, or a branch, tag or short sha of this repository.`, { cause: error });
  }
}

/** Whether the working tree differs from the commit, so that the git-sha would not tell all. */
export async function hasUncommittedChanges(directory: string): Promise<boolean> {
  const { stdout } = await run('git', ['status', '--porcelain', '--untracked-files=no'], { cwd: directory });
  return stdout.trim() !== '';
}

/** How many commits only one of two has; null where they are not both known here. */
export async function countCommits(a: GitSha, b: GitSha, directory: string): Promise<{ readonly onlyA: number; readonly onlyB: number } | null> {
  try {
    const { stdout } = await run('git', ['rev-list', '--left-right', '--count', '--end-of-options', `${a}...${b}`], { cwd: directory });
    const [onlyA = 0, onlyB = 0] = stdout.trim().split(/\s+/).map(Number);
    return { onlyA, onlyB };
  } catch {
    return null;
  }
}

/** Whom commits made here are by; null where git does not know. */
export async function findMailAddress(directory: string): Promise<string | null> {
  try {
    const { stdout } = await run('git', ['config', 'user.email'], { cwd: directory });
    return stdout.trim() === '' ? null : stdout.trim();
  } catch {
    return null;
  }
}
