import { runCommand } from './command.js';

/**
 * Runs npm, with the Node that runs this, or as found on PATH.
 *
 * @param {string[]} args
 * @param {{ cwd: string, log: string }} options
 * @returns {Promise<void>}
 */
export function runNpm(args, { cwd, log }) {
  const script = process.env['npm_execpath'] ?? '';
  // Started by `npm start` or `npm test`, that very npm is at hand, even where none is on PATH. (yarn and pnpm set it too.)
  const [command, first] = script.endsWith('npm-cli.js') ? [process.execPath, [script]] : ['npm', []];
  // What an outer `npm --global` or `npm --prefix` was told is not meant for this one.
  const env = { npm_config_global: 'false', npm_config_prefix: undefined, npm_config_local_prefix: undefined };
  // Two screens of options follow, and would push the reason out of sight.
  const noise = /^npm error Usage:/;
  return runCommand(command, [...first, ...args], { cwd, log, env, noise });
}
