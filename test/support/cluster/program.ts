import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { onExit } from '../../../setup/on-exit.js';
import { findOnPath } from '../../../setup/command.js';

/** A program of a cluster, under this process. */
export interface Program {
  isRunning(): boolean;
  /** @throws with its last lines when it has ended. */
  assertRunning(): void;
  /** Asks it to end, makes it end after some seconds, and waits until it has. */
  stop(): Promise<void>;
  /** Ends it at once, whatever it is at. */
  kill(): Promise<void>;
}

const STOP_LIMIT_MS = 8_000;
const SHOWN_LINES = 15;

/** Starts a program whose output goes to `<directory>/<name>.log`. It ends with this process, however that ends. */
export function startProgram(name: string, path: string, args: readonly string[], directory: string): Program {
  const log = join(directory, `${name}.log`);
  const output = openSync(log, 'a');
  // The kernel ends it with us even if we are killed; util-linux has the command for it.
  const [command, prefix] = findOnPath('setpriv') ? ['setpriv', ['--pdeathsig', 'KILL', path]] : [path, []];
  const child = spawn(command, [...prefix, ...args], { cwd: directory, stdio: ['ignore', output, output] });
  closeSync(output);
  const exited = once(child, 'exit').catch(() => {});
  void exited.then(onExit(() => void child.kill('SIGKILL')));

  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null && child.pid !== undefined;

  return {
    isRunning,
    assertRunning() {
      if (isRunning()) return;
      const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-SHOWN_LINES);
      throw new Error(`${name} has ended (${child.signalCode ?? child.exitCode ?? 'it could not be started'}). Its last lines:\n${lines.join('\n')}`);
    },
    async stop() {
      child.kill('SIGTERM');
      const patience = new AbortController();
      await Promise.race([exited, wait(STOP_LIMIT_MS, undefined, { signal: patience.signal }).catch(() => {})]);
      patience.abort();
      child.kill('SIGKILL');
      await exited;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
