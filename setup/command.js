import { spawn } from 'node:child_process';
import { accessSync, appendFileSync, constants, createWriteStream, readFileSync, statSync } from 'node:fs';
import { setPriority } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { onExit } from './on-exit.js';
import { SetupProblem } from './problem.js';

const SHOWN_LINES = 20;
// Builds take their time in the background; the machine stays usable for whoever waits.
const NICENESS = 10;

/**
 * Runs a command, writes what it prints to `log`, and resolves when it succeeds.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {object} options
 * @param {string} options.log the log file; it is added to
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env] added to this process's own
 * @param {number} [options.timeoutMs]
 * @param {(line: string) => void} [options.onLine] sees every line of the output
 * @param {RegExp} [options.noise] the line from which on the output of a failure says nothing new
 * @returns {Promise<void>} rejects with a {@link SetupProblem} that shows the end of the output and where the rest is
 */
export async function runCommand(command, args, { log, cwd, env, timeoutMs = 3_600_000, onLine, noise }) {
  appendFileSync(log, `$ ${[command, ...args].join(' ')}\n`);
  const output = createWriteStream(log, { flags: 'a' });
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const forget = onExit(() => void child.kill('SIGTERM'));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(output, { end: false });
    if (onLine) createInterface({ input: stream }).on('line', onLine);
  }
  if (child.pid !== undefined) lowerPriority(child.pid);
  const ending = await new Promise((resolve) => {
    child.once('error', (error) => resolve(String(error)));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : `exit ${signal ?? code}`));
  });
  clearTimeout(timer);
  forget();
  await new Promise((resolve) => output.end(() => resolve(undefined)));
  if (ending === undefined) return;
  const why = timedOut ? `no end within ${timeoutMs / 1_000} s` : ending;
  throw new SetupProblem(`${command} ${args[0] ?? ''} failed (${why}). Its last lines:\n${tail(log, noise)}\nAll of it: ${log}`);
}

/**
 * The path of an executable of that name on PATH, if there is one.
 *
 * @param {string} name
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined}
 */
export function findOnPath(name, env = process.env) {
  const dirs = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return dirs.map((dir) => join(dir, name)).find(isExecutable);
}

/**
 * @param {string} path
 * @returns {boolean}
 */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** @param {number} pid */
function lowerPriority(pid) {
  try {
    setPriority(pid, NICENESS);
  } catch {
    // It may have ended already; and not every system lets us. Neither matters.
  }
}

/**
 * @param {string} log
 * @param {RegExp | undefined} noise
 */
function tail(log, noise) {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  const own = lines.slice(lines.findLastIndex((line) => line.startsWith('$ ')) + 1);
  const end = own.findIndex((line) => noise?.test(line));
  return own.slice(0, end === -1 ? undefined : end).slice(-SHOWN_LINES).map((line) => `  ${line}`).join('\n');
}
