import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const repository = fileURLToPath(new URL('../..', import.meta.url));

export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Gives each test of the suite a directory of its own, which is gone afterwards. */
export function useTemporaryDir(): () => string {
  let dir = '';
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'barometer-setup-'))));
  afterEach(() => rmSync(dir, { recursive: true }));
  return () => dir;
}

/** Writes a shell script that can stand for a program on PATH. */
export function writeProgram(path: string, body: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/**
 * Runs a piece of set-up in a process of its own, with only this environment: set-up reads PATH and variables, and the
 * machine of whoever runs the tests must not decide what it finds. `code` sees the modules of setup/ by `load('cache')`.
 */
export async function runSetup(code: string, environment: NodeJS.ProcessEnv): Promise<Ending> {
  const prelude = `const load = (name) => import(${JSON.stringify(join(repository, 'setup'))} + '/' + name + '.js');`;
  const report = `const { toReport } = await load('problem'); console.error(toReport(error)); process.exitCode = 1;`;
  const script = `${prelude} try { ${code} } catch (error) { ${report} }`;
  return toEnding(spawn(process.execPath, ['--input-type=module', '--eval', script], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** What the process wrote, and how it ended. */
export async function toEnding(child: ChildProcess): Promise<Ending> {
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout!), text(child.stderr!), ended]);
  return { code, stdout, stderr };
}
