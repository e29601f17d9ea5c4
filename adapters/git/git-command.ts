import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from '../../domain/failure.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface GitOptions {
  readonly directory: string;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
  /** Settings for this command alone: unlike arguments, other processes can't see them. */
  readonly settings?: Readonly<Record<string, string>>;
}

const run = promisify(execFile);

/** A large repository over a slow line; nothing that git does here takes longer. */
const TIMEOUT_MS = 15 * 60_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Git said no. Its words are kept for the log, without the password of a URL. */
export class GitError extends Error {
  override readonly name = 'GitError';
}

/**
 * Runs git, which never asks for a password and runs no hooks, to its end. Returns what it wrote.
 *
 * @throws GitError when it ends with an error, Failure `configuration-invalid` when there is no git,
 *   the signal's reason when aborted
 */
export async function git(args: readonly string[], { directory, environment, signal, settings = {} }: GitOptions): Promise<string> {
  signal?.throwIfAborted();
  try {
    const { stdout } = await run('git', [...args], {
      cwd: directory,
      env: toGitEnvironment(environment, { 'core.hooksPath': '/dev/null', 'advice.detachedHead': 'false', ...settings }),
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      ...(signal === undefined ? {} : { signal }),
    });
    return stdout;
  } catch (error) {
    signal?.throwIfAborted();
    const { code, stderr } = error as { code?: string | number; stderr?: string };
    if (code === 'ENOENT') throw new Failure('configuration-invalid', `git can't be run in ${directory}: install git where this worker runs, and check BAROMETER_REPOSITORY.`);
    throw new GitError(`git ${args[0]} ended with ${code ?? 'a signal'}: ${withoutPasswords(stderr ?? '').trim()}`);
  }
}

/** Whether a question that git answers by its exit code is answered with yes. */
export async function gitSays(args: readonly string[], options: GitOptions): Promise<boolean> {
  try {
    await git(args, options);
    return true;
  } catch (error) {
    if (error instanceof GitError) return false;
    throw error;
  }
}

export function withoutPasswords(text: string): string {
  return text.replaceAll(/:\/\/[^/\s@]+@/g, '://');
}

function toGitEnvironment(environment: Environment, settings: Readonly<Record<string, string>>): Record<string, string | undefined> {
  const earlier = Number(environment['GIT_CONFIG_COUNT'] ?? 0);
  const pairs = Object.entries(settings).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${earlier + index}`, key],
    [`GIT_CONFIG_VALUE_${earlier + index}`, value],
  ]);
  return {
    ...environment,
    ...(Object.fromEntries(pairs) as Record<string, string>),
    GIT_CONFIG_COUNT: String(earlier + Object.keys(settings).length),
    GIT_TERMINAL_PROMPT: '0',
    // A hook of git that started this process leaves these behind, and they would win over the directory.
    GIT_DIR: undefined,
    GIT_WORK_TREE: undefined,
    GIT_INDEX_FILE: undefined,
  };
}
