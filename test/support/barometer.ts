import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onExit } from '../../setup/on-exit.js';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `barometer` command, as a person would start it. */
export interface RunningCommand {
  readonly process: ChildProcess;
  /** What it has said so far on both outputs. */
  output(): string;
  readonly finished: Promise<Finished>;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<Finished>;
  /** `kill -9`, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a `barometer` command. Its environment is this one's with the given variables; nothing comes in but what is given. */
export function startBarometer(args: readonly string[], environment: Readonly<Record<string, string>>, directory = REPOSITORY, input = ''): RunningCommand {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: 'pipe',
  });
  child.stdin.end(input);
  const forget = onExit(() => void child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  const closed = once(child, 'close').finally(forget);
  const finished = Promise.all([text(child.stdout), text(child.stderr), closed]).then(([stdout, stderr]) => ({ exitCode: child.exitCode, stdout, stderr }));
  return {
    process: child,
    output: () => said,
    finished,
    stop() {
      child.kill('SIGTERM');
      return finished;
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Runs a `barometer` command to its end. */
export function runBarometer(args: readonly string[], environment: Readonly<Record<string, string>>, directory = REPOSITORY, input = ''): Promise<Finished> {
  return startBarometer(args, environment, directory, input).finished;
}
