import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface JobProcess {
  kill(signal: NodeJS.Signals): void;
  /** Exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Everything that it has printed so far. */
  output(): string;
}

/** Runs a job's command line as a node does: by a shell, in an empty directory of its own. */
export function startJobProcess(command: string, environment: Readonly<Record<string, string | undefined>>): JobProcess {
  const directory = mkdtempSync(join(tmpdir(), 'barometer-azure-ml-job-'));
  const child = spawn('bash', ['-c', command], { cwd: directory, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  return {
    kill: (signal) => void child.kill(signal),
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        rmSync(directory, { recursive: true, force: true });
        resolve(code);
      });
    }),
    output: () => printed,
  };
}
