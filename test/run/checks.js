import { join } from 'node:path';
import { runInPlace } from '../../setup/child.js';

/** What is checked without running anything: a name, and the program in node_modules with its arguments. */
export const checks = [
  { name: 'lint', script: 'eslint/bin/eslint.js', args: ['--max-warnings=0', '.'] },
  { name: 'types', script: 'typescript/bin/tsc', args: ['--noEmit'] },
  { name: 'import rules', script: 'dependency-cruiser/bin/dependency-cruiser.mjs', args: ['--config', '.dependency-cruiser.cjs', '.'] },
];

/**
 * Runs one check, whose complaints go to the terminal.
 *
 * @param {(typeof checks)[number]} check
 * @param {string} root
 * @param {string} node
 * @returns {Promise<boolean>} whether it passed
 */
export async function runCheck({ script, args }, root, node) {
  return (await runInPlace(node, [join('node_modules', script), ...args], { cwd: root })) === 0;
}
