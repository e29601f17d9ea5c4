import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { withLock } from './lock.js';
import { onExit } from './on-exit.js';
import { SetupProblem } from './problem.js';

/**
 * The directory, outside the repository, of everything that set-up fetches or builds: `BAROMETER_CACHE_DIR`, else
 * `$XDG_CACHE_HOME/barometer`, else `~/.cache/barometer`. Deleting it costs time and nothing else.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string}
 */
export function cacheDir(env = process.env) {
  return env['BAROMETER_CACHE_DIR'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'barometer');
}

/**
 * The path of `name` in the cache. Names carry the version, so that an upgrade never meets an old file.
 *
 * @param {string} name
 * @returns {string}
 */
export function inCache(name) {
  return join(cacheDir(), name);
}

/**
 * The log file of one step, in the cache.
 *
 * @param {string} name
 * @returns {string}
 */
export function logFile(name) {
  const path = inCache(join('logs', `${name}.log`));
  makeDir(dirname(path));
  return path;
}

/**
 * Makes the directory `name` in the cache, unless it is there: `fill` fills a temporary directory beside it, which is then
 * renamed. So the directory is either whole or absent, whatever is interrupted, and two set-ups at once build it once.
 *
 * @param {string} name
 * @param {(dir: string) => Promise<void>} fill
 * @returns {Promise<string>} the directory
 */
export async function ensureInCache(name, fill) {
  const target = inCache(name);
  if (existsSync(target)) return target;
  makeDir(dirname(target));
  return withLock(`${target}.lock`, async () => {
    if (existsSync(target)) return target;
    const temporary = mkdtempSync(`${target}.tmp-`);
    const remove = () => rmSync(temporary, { recursive: true, force: true });
    const forget = onExit(remove);
    try {
      await fill(temporary);
      // Made for one user alone; a cache in an image is filled by one and used by another.
      chmodSync(temporary, 0o755);
      renameSync(temporary, target);
    } finally {
      forget();
      remove();
    }
    return target;
  });
}

/** @param {string} dir */
function makeDir(dir) {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw new SetupProblem(
      `Can't write to the cache directory ${cacheDir()} (${String(error)}).\n` +
        'Set BAROMETER_CACHE_DIR to a directory that you can write to.',
    );
  }
}
