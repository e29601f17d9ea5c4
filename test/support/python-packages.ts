import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ensureInCache, inCache, logFile } from '../../setup/cache.js';
import { findOnPath, runCommand } from '../../setup/command.js';
import { step } from '../../setup/progress.js';

/** A Python, and a directory for its PYTHONPATH. */
export interface PythonPackages {
  readonly python: string;
  readonly directory: string;
}

export interface PythonPackagesOptions {
  /** Their directory in the cache; it carries the version. */
  readonly name: string;
  /** What it is, as in "an MLflow server (30 MB, once)". */
  readonly title: string;
  /** With their versions, as pip takes them. */
  readonly packages: readonly string[];
  /** Python 3.x. */
  readonly oldestMinor: number;
}

export const INSTALL_LIMIT_MS = 600_000;

/**
 * Packages of PyPI that a test needs, fetched once and kept in the cache. Null, after saying why on standard error, where there is
 * no Python for them or pip can't fetch them: the test skips itself.
 */
export async function ensurePythonPackages({ name, title, packages, oldestMinor }: PythonPackagesOptions): Promise<PythonPackages | null> {
  const skipBecause = (why: string) => {
    console.error(`These tests are skipped: they need ${title.replace(/ \(.*/, '')}, and ${why}.`);
    return null;
  };
  const python = findOnPath('python3');
  const minor = python === undefined ? null : readMinor(python);
  if (python === undefined || minor === null || minor < oldestMinor) return skipBecause(`there is no Python 3.${oldestMinor} or later`);
  // Compiled parts fit one Python only.
  const cached = `${name}-python-3.${minor}`;
  if (existsSync(inCache(cached))) return { python, directory: inCache(cached) };
  const log = logFile(name);
  try {
    return { python, directory: await step(`fetching ${title}`, () => ensureInCache(cached, (directory) => install(python, directory, packages, log))) };
  } catch {
    return skipBecause(`pip could not install it; see ${log}`);
  }
}

function readMinor(python: string): number | null {
  const { stdout } = spawnSync(python, ['--version'], { encoding: 'utf8' });
  const [, minor] = /^Python 3\.(\d+)/.exec(stdout) ?? [];
  return minor === undefined ? null : Number(minor);
}

/** Into a directory of their own rather than a virtual environment, which Debian's Python can't make and which can't be moved. */
async function install(python: string, directory: string, packages: readonly string[], log: string): Promise<void> {
  const options = ['--target', directory, '--only-binary=:all:', '--disable-pip-version-check', '--no-input', '--no-compile', '--quiet'];
  await runCommand(python, ['-m', 'pip', 'install', ...options, ...packages], { log, timeoutMs: INSTALL_LIMIT_MS });
}
