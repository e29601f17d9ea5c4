import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { isFailure } from '../../domain/failure.ts';
import type { GitSha } from '../../domain/git-sha.ts';
import type { Clone, CloneOptions } from './clone.ts';
import { openClone } from './clone.ts';
import type { GitOptions } from './git-command.ts';
import { git, gitSays } from './git-command.ts';

/** The files of one commit, and what is known of it. */
export interface SourceTree {
  /** A folder that holds what was committed and nothing else. */
  readonly directory: string;
  /** In ISO 8601, in UTC. */
  readonly committedAt: string;
  /** Of the commit's package.json; null when it has none. */
  readonly version: string | null;
  /** Where the code comes from, without credentials; null when that is a folder. */
  readonly sourceUrl: string | null;
}

export interface GitSource {
  /**
   * Lends the tree of a commit for as long as the work lasts; afterwards nothing of it is left, also when the work failed.
   *
   * @throws Failure `not-found` for an unknown commit, `configuration-invalid`, `dependency-unavailable`;
   *   the signal's reason when aborted; whatever the work throws
   */
  withTree<T>(gitSha: GitSha, signal: AbortSignal, work: (tree: SourceTree) => Promise<T>): Promise<T>;
  /** Null when trees can be lent; otherwise what is missing, and what to do. */
  whyNot(): Promise<string | null>;
}

/** The process that lends a tree is named by its folder, so that the next one can tell which are left over. */
const TREE_PREFIX = 'barometer-tree-';

/** Commits of a git repository, each checked out on its own: the files that people work on are never looked at. */
export function createGitSource(options: CloneOptions): GitSource {
  return {
    async withTree(gitSha, signal, work) {
      const clone = await openClone(options);
      const inClone = { directory: clone.directory, environment: options.environment };
      await removeLeftTrees(inClone);
      await clone.ensureCommit(gitSha, signal);
      const folder = await mkdtemp(join(await realpath(tmpdir()), `${TREE_PREFIX}${process.pid}-`));
      const directory = join(folder, 'tree');
      try {
        await git(['worktree', 'add', '--quiet', '--detach', directory, gitSha], { ...inClone, signal });
        return await work(await describeTree(clone, directory, gitSha, { ...inClone, signal }));
      } finally {
        await removeTree(directory, inClone);
      }
    },
    async whyNot() {
      try {
        await openClone(options);
        return null;
      } catch (error) {
        if (isFailure(error)) return error.message;
        throw error;
      }
    },
  };
}

async function describeTree({ sourceUrl }: Clone, directory: string, gitSha: GitSha, options: GitOptions): Promise<SourceTree> {
  const committedAt = await git(['show', '--no-patch', '--format=%cI', gitSha], options);
  return { directory, sourceUrl, version: await findVersion(directory), committedAt: new Date(committedAt.trim()).toISOString() };
}

async function findVersion(directory: string): Promise<string | null> {
  try {
    const text = await readFile(join(directory, 'package.json'), 'utf8');
    return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
  } catch {
    return null;
  }
}

async function removeTree(directory: string, options: GitOptions): Promise<void> {
  await gitSays(['worktree', 'remove', '--force', '--force', directory], options);
  await rm(dirname(directory), { recursive: true, force: true, maxRetries: 5 });
  // An aborted checkout is no worktree yet, but may be in the list of them.
  await gitSays(['worktree', 'prune', '--expire=1.day.ago'], options);
}

/** Trees of processes that were killed. */
async function removeLeftTrees(options: GitOptions): Promise<void> {
  const list = await git(['worktree', 'list', '--porcelain'], options);
  for (const line of list.split('\n')) {
    if (!line.startsWith('worktree ')) continue;
    const directory = line.slice('worktree '.length);
    const pid = Number(new RegExp(`^${TREE_PREFIX}(\\d+)-`).exec(basename(dirname(directory)))?.[1]);
    if (!Number.isNaN(pid) && !isRunning(pid)) await removeTree(directory, options);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is running too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
