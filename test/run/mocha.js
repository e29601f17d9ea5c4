import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInPlace } from '../../setup/child.js';
import { toLanes } from './lanes.js';

/** @typedef {{ passed: number, failed: number, skipped: number, failures: string[] }} Results what failed: titles and messages */

/**
 * What each Mocha is to run, side by side: everything; or what the arguments name in one alone, a folder meaning the tests in it.
 *
 * @param {string[]} args
 * @param {string} root
 * @returns {string[][]}
 */
export function toMochaArguments(args, root) {
  const mapped = args.map((arg) => (isFolder(arg) ? join(arg, '**', '*.test.ts') : arg));
  const namesTests = mapped.some((arg) => arg.endsWith('.test.ts'));
  return namesTests ? [mapped] : toLanes(root).map((files) => [...mapped, ...files]);
}

/**
 * Runs Mocha, or several side by side, counts, and lists what failed. One that breaks off, or whose exit code says more than its numbers, counts as
 * one failure more. What the first prints is seen at once, what another one prints when those before it have ended.
 *
 * @param {string} root
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} args
 * @returns {Promise<Results>}
 */
export async function runMocha(root, node, env, args) {
  /** @type {Promise<unknown>} */
  let before = Promise.resolve();
  const lanes = toMochaArguments(args, root).map((each, index) => {
    const lane = runOne(root, node, env, each, index === 0 ? undefined : before);
    before = Promise.allSettled([before, lane]);
    return lane;
  });
  const results = await Promise.all(lanes);
  return {
    passed: toSum(results.map(({ passed }) => passed)),
    failed: toSum(results.map(({ failed }) => failed)),
    skipped: toSum(results.map(({ skipped }) => skipped)),
    failures: results.flatMap(({ failures }) => failures),
  };
}

/**
 * @param {string} root
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} args
 * @param {Promise<unknown>} [silence] what it prints is held back until then
 * @returns {Promise<Results>}
 */
async function runOne(root, node, env, args, silence) {
  const dir = mkdtempSync(join(tmpdir(), 'barometer-mocha-'));
  const report = join(dir, 'report.json');
  try {
    const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js');
    const options = ['--reporter-option', `report=${report}`, ...(process.env['CI'] ? ['--forbid-only'] : [])];
    const code = await runInPlace(node, ['--disable-warning=ExperimentalWarning', mocha, ...options, ...args], { cwd: root, env, silence });
    return toResults(existsSync(report) ? readFileSync(report, 'utf8') : undefined, code);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** @param {number[]} numbers */
function toSum(numbers) {
  return numbers.reduce((sum, each) => sum + each, 0);
}

/**
 * @param {string | undefined} report what the reporter wrote
 * @param {number} code Mocha's exit code
 * @returns {Results}
 */
export function toResults(report, code) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0, failures: [`Mocha broke off (exit code ${code})`] };
  /** @type {Results} */
  const results = JSON.parse(report);
  if (code === 0 || results.failed > 0) return results;
  return { ...results, failed: 1, failures: [`Mocha ended with exit code ${code}, though no test failed`] };
}

/** @param {string} path */
function isFolder(path) {
  return existsSync(path) && statSync(path).isDirectory();
}
