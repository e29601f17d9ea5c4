import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../domain/failure.ts';
import type { GitSha } from '../../domain/git-sha.ts';
import type { Environment } from './git-command.ts';
import { git, gitSays, withoutPasswords } from './git-command.ts';
import { isRemote, toSourceUrl } from './origin.ts';

/** A repository on this machine that can be asked for commits. */
export interface Clone {
  readonly directory: string;
  readonly sourceUrl: string | null;
  /** @throws Failure `not-found`, `dependency-unavailable` */
  ensureCommit(gitSha: GitSha, signal: AbortSignal): Promise<void>;
}

export interface CloneOptions {
  /** A folder in a clone, or a URL. */
  readonly repository: string;
  /** Where repositories that are named by a URL are kept for the next time. */
  readonly cacheDirectory: string;
  readonly environment: Environment;
}

/** @throws Failure `configuration-invalid` when the repository is none */
export async function openClone(options: CloneOptions): Promise<Clone> {
  return isRemote(options.repository) ? openMirror(options) : openFolder(options);
}

/** A clone of somebody's: commits may be added to it, nothing else changes. */
async function openFolder({ repository, environment }: CloneOptions): Promise<Clone> {
  const options = { directory: repository, environment };
  if (!(await gitSays(['rev-parse', '--git-dir'], options))) {
    throw new Failure('configuration-invalid', `${repository} is no git repository that this worker may read: set BAROMETER_REPOSITORY to one, a folder or a URL.`);
  }
  const origin = await findOrigin(options);
  return {
    directory: repository,
    sourceUrl: origin === null ? null : toSourceUrl(origin),
    async ensureCommit(gitSha, signal) {
      if (await hasCommit(gitSha, { ...options, signal })) return;
      if (origin !== null && (await gitSays(['fetch', '--no-tags', '--no-write-fetch-head', 'origin', gitSha], { ...options, signal }))) return;
      const elsewhere = origin === null ? 'which has no origin to ask' : 'nor does its origin give it out';
      throw new Failure('not-found', `Commit ${gitSha} is not in ${repository}, ${elsewhere}. Commit or push it, or fetch it there, and run again.`);
    },
  };
}

/** A bare repository in the cache, which only ever holds the commits that were asked for. The URL, which may hold a password, is not kept in it. */
async function openMirror({ repository: url, cacheDirectory, environment }: CloneOptions): Promise<Clone> {
  const directory = join(cacheDirectory, createHash('sha256').update(url).digest('hex').slice(0, 16));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const options = { directory, environment, settings: { 'remote.origin.url': url } };
  await git(['init', '--quiet', '--bare', '.'], options);
  return {
    directory,
    sourceUrl: toSourceUrl(url),
    async ensureCommit(gitSha, signal) {
      const asked = { ...options, signal };
      if (await hasCommit(gitSha, asked)) return;
      if (await gitSays(['fetch', '--depth=1', '--no-tags', '--no-write-fetch-head', 'origin', gitSha], asked)) return;
      const name = withoutPasswords(url);
      if (!(await gitSays(['ls-remote', '--quiet', 'origin', 'HEAD'], asked))) {
        throw new Failure('dependency-unavailable', `The git repository ${name} does not answer this worker: check that it is reachable, and that git may read it without asking for a password.`);
      }
      // Some servers give out branches and tags only.
      await gitSays(['fetch', '--no-write-fetch-head', 'origin', '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'], asked);
      if (await hasCommit(gitSha, asked)) return;
      throw new Failure('not-found', `Commit ${gitSha} is not in ${name}: push it, and run again.`);
    },
  };
}

function hasCommit(gitSha: GitSha, options: Parameters<typeof git>[1]): Promise<boolean> {
  return gitSays(['cat-file', '-e', `${gitSha}^{commit}`], options);
}

async function findOrigin(options: Parameters<typeof git>[1]): Promise<string | null> {
  const hasOrigin = await gitSays(['config', '--get', 'remote.origin.url'], options);
  return hasOrigin ? (await git(['config', '--get', 'remote.origin.url'], options)).trim() : null;
}
