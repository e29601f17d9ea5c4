import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../../domain/failure.ts';

/** One running program of the embedded stack. */
export interface Part {
  readonly name: string;
  /** Resolves with how it ended; never rejects. */
  readonly ended: Promise<string>;
  /** Asks it to end, kills it when it does not, and waits until it has. */
  stop(): Promise<void>;
  /** What went wrong, with the last lines of its log. */
  toFailure(how: string): Failure;
}

export interface PartOptions {
  readonly name: string;
  /** Arguments of Node: a program of this repository and what it is told. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
}

const GRACE_PERIOD_MS = 15_000;
const TAIL_LINES = 15;

/**
 * Starts a program with its output in a log file. It gets a process group of its own, so that ctrl-C reaches it only
 * through {@link Part.stop}, and an IPC channel, whose end tells it that its parent is gone.
 */
export function startPart({ name, args, environment, logFile }: PartOptions): Part {
  const log = openSync(logFile, 'a');
  // What earlier starts wrote says nothing about this one.
  const logBegin = fstatSync(log).size;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    env: environment,
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const ended = waitForEnd(child);
  return {
    name,
    ended,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_PERIOD_MS);
      await ended;
      clearTimeout(timer);
    },
    toFailure(how) {
      const text = readFileSync(logFile).subarray(logBegin).toString('utf8').trimEnd();
      const tail = text.split('\n').slice(-TAIL_LINES).map((line) => `    ${line}`);
      const words = text === '' ? `It has written nothing to its log, ${logFile}.` : `The end of its log, ${logFile}:\n${tail.join('\n')}`;
      return new Failure('dependency-unavailable', `${name}: ${how}. ${words}`);
    },
  };
}

function waitForEnd(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(`could not be started (${error.message})`);
    });
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `ended with exit code ${code}` : `ended by ${signal}`);
    });
  });
}

const CHECK_INTERVAL_MS = 100;
const CHECK_LIMIT_MS = 10_000;

/**
 * Waits until a part does its work.
 *
 * @param check resolves when it does, rejects when not yet
 * @throws Failure `dependency-unavailable` when the part ends before, or takes too long
 */
export async function waitUntilReady(part: Part, limitMs: number, check: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + limitMs;
  const ended = part.ended.then((how): never => {
    throw part.toFailure(how);
  });
  ended.catch(() => undefined);
  while (Date.now() < deadline) {
    const limit = wait(CHECK_LIMIT_MS, false, { ref: false });
    if (await Promise.race([check().then(() => true, () => false), limit, ended])) return;
    await Promise.race([wait(CHECK_INTERVAL_MS), ended]);
  }
  throw part.toFailure(`not ready after ${limitMs / 1000} s`);
}
