import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { Failure } from '../../domain/failure.ts';
import type { Environment } from './credentials.ts';

export interface CommandOptions {
  readonly environment: Environment;
  /** Called with each line of both outputs, without colours, as it comes. */
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
  /** How long the command and its children may take to clean up when they are asked to end, before they are killed. */
  readonly gracePeriodMs?: number;
}

/**
 * Runs a command to its end; the whole family of its processes when aborted.
 *
 * @throws Failure `image-build-failed` when it ends with an error; the signal's reason when aborted, after it has ended
 */
export async function runCommand([executable, ...args]: readonly [string, ...string[]], { environment, onLine, signal, gracePeriodMs = 20_000 }: CommandOptions): Promise<void> {
  signal.throwIfAborted();
  // In a group of its own, so that those that it has started can be told to end too.
  const child = spawn(executable, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  for (const output of [child.stdout, child.stderr]) createInterface({ input: output }).on('line', (line) => onLine(stripVTControlCharacters(line)));
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    tellGroup(child, 'SIGTERM');
    timer = setTimeout(() => {
      tellGroup(child, 'SIGKILL');
      // Whoever has left the group may hold them open for ever.
      child.stdout.destroy();
      child.stderr.destroy();
    }, gracePeriodMs);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const ended = await waitForEnd(child);
    signal.throwIfAborted();
    if (ended !== 'exit code 0') throw new Failure('image-build-failed', `${executable} ${args[0] ?? ''} ended with ${ended}.`);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

const ANSWER_TIMEOUT_MS = 15_000;

/** What a command answers to a question; null when it can't be run, ends with an error or takes long. */
export function askCommand([executable, ...args]: readonly [string, ...string[]], environment: Environment): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(executable, args, { env: environment, timeout: ANSWER_TIMEOUT_MS }, (error, stdout) => {
      resolve(error === null ? stdout : null);
    });
  });
}

function tellGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All of them have ended.
  }
}

function waitForEnd(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve(`no start (${error.code ?? 'unknown'})`);
    });
    child.once('close', (code, signalName) => {
      resolve(signalName === null ? `exit code ${code}` : `signal ${signalName}`);
    });
  });
}
