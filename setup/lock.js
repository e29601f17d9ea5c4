import { closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onExit } from './on-exit.js';
import { say } from './progress.js';

const BEAT_MS = 2_000;
// Several beats, so that a busy machine does not look like a dead holder.
const STALE_MS = 20_000;
const POLL_MS = 250;

/**
 * Runs `work` while holding the lock file `path`, after waiting for whoever holds it now. A holder touches its file every
 * two seconds; one that has not for twenty seconds is taken for dead and its lock is taken over, so a killed set-up never
 * blocks the next one. (Beats rather than process ids: the cache may be shared between containers.)
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {string} [waiting] said to whoever has to wait
 * @returns {Promise<T>}
 */
export async function withLock(path, work, waiting = 'another set-up is at work on the same; waiting for it') {
  mkdirSync(dirname(path), { recursive: true });
  for (let told = false; !take(path); ) {
    if (!told) say(waiting);
    told = true;
    dropIfStale(path);
    await sleep(POLL_MS);
  }
  const release = () => rmSync(path, { force: true });
  const beat = setInterval(() => touch(path), BEAT_MS);
  const forget = onExit(release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    forget();
    release();
  }
}

/** @param {string} path */
function take(path) {
  try {
    closeSync(openSync(path, 'wx'));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** @param {string} path */
function touch(path) {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // Whoever removed the file took the lock for stale; the work itself is safe to do twice.
  }
}

/** @param {string} path */
function dropIfStale(path) {
  try {
    if (Date.now() - statSync(path).mtimeMs < STALE_MS) return;
    // A rename lets exactly one of several waiters take the dead holder's file away.
    const grave = `${path}.${process.pid}`;
    renameSync(path, grave);
    rmSync(grave, { force: true });
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 */
function hasCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}
