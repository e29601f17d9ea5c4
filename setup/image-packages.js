import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logFile } from './cache.js';
import { runNpm } from './npm.js';
import { SetupProblem } from './problem.js';

/**
 * Installs some of the repository's packages, with all that they need, into `dir/node_modules`: the very versions of
 * package-lock.json, checked against its digests, with the native parts of Linux (glibc) on `arch`.
 *
 * @param {object} options
 * @param {string} options.root the repository
 * @param {string[]} options.names which of its dependencies
 * @param {string} options.arch as in `process.arch`
 * @param {string} options.dir
 * @returns {Promise<void>}
 */
export async function installPackages({ root, names, arch, dir }) {
  const log = logFile('image-packages');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), JSON.stringify(toReducedPackage(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')), names)));
  for (const name of ['package-lock.json', '.npmrc']) {
    if (existsSync(join(root, name))) copyFileSync(join(root, name), join(dir, name));
  }
  // npm takes out of the lock what nobody needs any more, and adds nothing: it may not ask a registry.
  await runNpm(['install', '--package-lock-only', '--offline', '--ignore-scripts'], { cwd: dir, log });
  await runNpm(['ci', '--ignore-scripts', '--os=linux', `--cpu=${arch}`, '--libc=glibc'], { cwd: dir, log });
}

/**
 * @typedef {{ dependencies?: Record<string, string>, devDependencies?: Record<string, string>, [key: string]: unknown }} Package
 *
 * @param {Package} whole
 * @param {string[]} names
 * @returns {Package} with these dependencies alone
 */
export function toReducedPackage(whole, names) {
  const dependencies = whole.dependencies ?? {};
  const unknown = names.filter((name) => !Object.hasOwn(dependencies, name));
  if (unknown.length > 0) throw new SetupProblem(`package.json has no dependency ${unknown.join(', ')}`);
  const rest = Object.entries(whole).filter(([key]) => key !== 'devDependencies');
  return { ...Object.fromEntries(rest), dependencies: Object.fromEntries(names.map((name) => [name, dependencies[name] ?? ''])) };
}
