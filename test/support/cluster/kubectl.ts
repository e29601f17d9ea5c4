import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface KubectlOptions {
  /** What it reads from standard input, for `-f -`. */
  readonly input?: string;
  readonly limitMs?: number;
}

export interface KubectlAnswer {
  readonly stdout: string;
  /** Warnings of the API server are here. */
  readonly stderr: string;
}

const LIMIT_MS = 120_000;

/** Runs kubectl to its end. @throws with what it said when it fails, or does not end within two minutes or the limit given */
export async function runKubectl(path: string, args: readonly string[], { input = '', limitMs = LIMIT_MS }: KubectlOptions = {}): Promise<KubectlAnswer> {
  const child = spawn(path, args, { stdio: 'pipe', timeout: limitMs, killSignal: 'SIGKILL' });
  // It may end without having read everything.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (child.exitCode === 0) return { stdout, stderr };
  throw new Error(`kubectl ${args.join(' ')} failed (${child.signalCode ?? child.exitCode}): ${stderr}`);
}
