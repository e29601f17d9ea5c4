import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInPlace } from '../../setup/child.js';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

// The quick ones first: a broken rule is known before the first server starts. What takes too long for every time, in
// test/long, has commands of its own.
const EVERYTHING = ['test/!(e2e|long)/**/*.test.ts', 'test/e2e/**/*.test.ts'];

/**
 * What Mocha is to run: everything; or what the arguments name, a folder meaning the tests in it.
 *
 * @param {string[]} args
 * @returns {string[]}
 */
export function toMochaArguments(args) {
  const mapped = args.map((arg) => (isFolder(arg) ? join(arg, '**', '*.test.ts') : arg));
  const namesTests = mapped.some((arg) => arg.endsWith('.test.ts'));
  return namesTests ? mapped : [...mapped, ...EVERYTHING];
}

/**
 * Runs Mocha and counts. A run that breaks off, or whose exit code says more than its numbers, counts as one failure more.
 *
 * @param {string} root
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} args
 * @returns {Promise<Counts>}
 */
export async function runMocha(root, node, env, args) {
  const dir = mkdtempSync(join(tmpdir(), 'barometer-mocha-'));
  const report = join(dir, 'report.json');
  try {
    const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js');
    const options = ['--reporter-option', `report=${report}`, ...(process.env['CI'] ? ['--forbid-only'] : [])];
    const code = await runInPlace(node, ['--disable-warning=ExperimentalWarning', mocha, ...options, ...toMochaArguments(args)], { cwd: root, env });
    return toCounts(existsSync(report) ? readFileSync(report, 'utf8') : undefined, code);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/**
 * @param {string | undefined} report what the reporter wrote
 * @param {number} code Mocha's exit code
 * @returns {Counts}
 */
export function toCounts(report, code) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  /** @type {Counts} */
  const counts = JSON.parse(report);
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** @param {string} path */
function isFolder(path) {
  return existsSync(path) && statSync(path).isDirectory();
}
