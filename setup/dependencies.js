import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inCache, logFile } from './cache.js';
import { withLock } from './lock.js';
import { runNpm } from './npm.js';
import { step } from './progress.js';

/** @typedef {{ packages?: Record<string, { version?: string, optional?: boolean }> }} Lockfile */

/**
 * Installs the npm packages of package-lock.json, unless node_modules holds exactly them. The repository's .npmrc keeps
 * install scripts from running; what one of them would have done, tensorflow.js does.
 *
 * @param {string} root the repository
 * @returns {Promise<void>}
 */
export async function ensureDependencies(root) {
  if (isInstalled(root)) return;
  const lock = inCache(`dependencies-${digest(root).slice(0, 12)}.lock`);
  await withLock(lock, async () => {
    if (isInstalled(root)) return;
    await step('installing the npm packages', () => runNpm(['ci'], { cwd: root, log: logFile('npm-ci') }));
    stamp(root);
  });
}

/**
 * Whether node_modules holds what package-lock.json names: by our stamp, else (where someone ran npm themselves) by npm's
 * own record of what it installed.
 *
 * @param {string} root
 * @returns {boolean}
 */
function isInstalled(root) {
  const modules = join(root, 'node_modules');
  if (!existsSync(modules)) return false;
  if (readOrEmpty(stampFile(root)) === lockDigest(root)) return true;
  const record = readOrEmpty(join(modules, '.package-lock.json'));
  if (!record || !holdsAll(JSON.parse(record), JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))) return false;
  stamp(root);
  return true;
}

/**
 * @param {Lockfile} installed
 * @param {Lockfile} wanted
 */
function holdsAll(installed, wanted) {
  return Object.entries(wanted.packages ?? {}).every(([path, { version, optional }]) => {
    const found = installed.packages?.[path];
    // '' is the project itself; an optional package may be another platform's.
    return path === '' || (found ? found.version === version : optional);
  });
}

/** @param {string} root */
function stamp(root) {
  try {
    writeFileSync(stampFile(root), lockDigest(root));
  } catch {
    // In a read-only checkout the next start compares the records again; that is all that is lost.
  }
}

/** @param {string} root */
function stampFile(root) {
  return join(root, 'node_modules', '.barometer-lock-sha256');
}

/** @param {string} root */
function lockDigest(root) {
  return digest(readFileSync(join(root, 'package-lock.json')));
}

/** @param {string | Buffer} content */
function digest(content) {
  return createHash('sha256').update(content).digest('hex');
}

/** @param {string} path */
function readOrEmpty(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
