import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a program in this one's place: same terminal, same process group. Its end is awaited whatever happens, and signals
 * reach it: ctrl-C comes from the terminal to both, everything else is passed on.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, silence?: Promise<unknown> | undefined }} [options] `env` is added to this process's own;
 *   what it prints is held back until `silence` is over
 * @returns {Promise<number>} its exit code; 128 and the signal's number if a signal ended it
 */
export async function runInPlace(command, args, { cwd, env, silence } = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: silence ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
  const printed = silence ? printAfter(silence, child) : undefined;
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => {
    // On a terminal the child has had it too, and a second one could mean "at once" to it.
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    child.kill(signal);
  };
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, onSignal);
  try {
    /** @type {number} */
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
    await printed;
    return code;
  } finally {
    for (const signal of signals) process.removeListener(signal, onSignal);
  }
}

/**
 * Passes on what a child prints, once `silence` is over; what comes before that is kept, not blocked.
 *
 * @param {Promise<unknown>} silence
 * @param {import('node:child_process').ChildProcess} child
 */
async function printAfter(silence, { stdout, stderr }) {
  /** @type {(() => void)[]} */
  const held = [];
  let isOver = false;
  for (const [from, to] of /** @type {const} */ ([[stdout, process.stdout], [stderr, process.stderr]])) {
    from?.on('data', (chunk) => (isOver ? to.write(chunk) : held.push(() => to.write(chunk))));
  }
  await silence;
  for (const print of held) print();
  isOver = true;
}

/**
 * Until it is called off: an interrupted set-up ends at once, by way of 'exit', where locks and half-made directories are
 * removed and running commands stopped.
 *
 * @returns {() => void} calls it off
 */
export function exitOnSignals() {
  /** @param {NodeJS.Signals} signal */
  const exit = (signal) => process.exit(128 + constants.signals[signal]);
  process.once('SIGINT', exit).once('SIGTERM', exit).once('SIGHUP', exit);
  return () => void process.off('SIGINT', exit).off('SIGTERM', exit).off('SIGHUP', exit);
}
