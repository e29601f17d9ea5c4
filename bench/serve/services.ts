import type { ChildProcess, StdioOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onExit } from '../../setup/on-exit.js';
import { writeProgram } from '../../setup/strip-types.js';
import { findFreePort } from '../../test/support/free-port.ts';
import type { PythonPackages } from '../../test/support/python-packages.ts';
import type { EventLoopDelay } from './event-loop.ts';

export interface Service {
  readonly name: string;
  /** Where it takes a face. */
  readonly url: string;
  /** From the start of the process until it says that it is ready. */
  readonly startSeconds: number;
  /** What it has resident now. Linux only. */
  residentMb(): number;
  /** What it has computed so far, in all its threads. Linux only. */
  processorMs(): number;
  end(): Promise<void>;
}

export interface BarometerService extends Service {
  /** Where it takes a picture of a scene. */
  readonly sceneUrl: string;
  /** How long its event loop was held up since this was last asked; it is watched from the first time on. */
  takeDelay(): Promise<EventLoopDelay>;
}

interface Start {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly port: number;
  readonly path: string;
  readonly isAsked?: boolean;
}

interface StartedService extends Service {
  readonly child: ChildProcess;
}

/** In which Linux counts a process's time. */
const MS_PER_TICK = 10;

const PROJECT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/**
 * The API as its image starts it (docker/api/Dockerfile).
 *
 * @param directory where the program is written to as JavaScript
 */
export async function startBarometer(connectionString: string, directory: string): Promise<BarometerService> {
  // What watches it too: a single file of TypeScript would make Node load what strips types.
  writeProgram(PROJECT, ['config', 'domain', 'adapters', 'api', 'bench/serve'], directory);
  copyFileSync(join(PROJECT, 'package.json'), join(directory, 'package.json'));
  symlinkSync(join(PROJECT, 'node_modules'), join(directory, 'node_modules'));
  const port = await findFreePort();
  const env = {
    NODE_ENV: 'production',
    NODE_OPTIONS: '--disable-warning=ExperimentalWarning --max-semi-space-size=4 --v8-pool-size=1',
    ORT_DISABLE_TELEMETRY: '1',
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: '262144',
    MALLOC_TRIM_THRESHOLD_: '262144',
    BAROMETER_STORAGE_CONNECTION_STRING: connectionString,
    BAROMETER_API_PORT: String(port),
    BAROMETER_API_REQUESTS_PER_MINUTE: '0',
  };
  const args = ['--heap-growing-percent=100', '--import', join(directory, 'bench', 'serve', 'event-loop.js'), join(directory, 'api', 'serve.js')];
  const { child, ...service } = await start({ name: 'Barometer', command: process.execPath, args, env, port, path: '/predict?faces=never', isAsked: true });
  return {
    ...service,
    sceneUrl: service.url.replace('?faces=never', ''),
    async takeDelay() {
      const answered = once(child, 'message') as Promise<[EventLoopDelay]>;
      child.send('delay');
      return (await answered)[0];
    },
  };
}

/** `module` of this folder under uvicorn; `env` says where its network lies. */
export async function startFastApi(name: string, module: string, { python, directory }: PythonPackages, env: NodeJS.ProcessEnv): Promise<Service> {
  const port = await findFreePort();
  const args = ['-m', 'uvicorn', `${module}:app`, '--port', String(port), '--log-level', 'warning', '--app-dir', 'bench/serve'];
  return start({ name, command: python, args, env: { ...env, PYTHONPATH: directory, PYTHONDONTWRITEBYTECODE: '1' }, port, path: '/predict' });
}

async function start({ name, command, args, env, port, path, isAsked = false }: Start): Promise<StartedService> {
  const startedAt = performance.now();
  // Lines of the log are written as in operation, and thrown away.
  const stdio: StdioOptions = ['ignore', 'ignore', 'inherit', ...(isAsked ? (['ipc'] as const) : [])];
  const child = spawn(command, args, { cwd: PROJECT, env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env }, stdio });
  const exited = once(child, 'exit');
  const forget = onExit(() => void child.kill());
  const address = `http://127.0.0.1:${port}`;
  while (!(await isReady(address))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${name} did not start`);
    await pause(10);
  }
  const startSeconds = (performance.now() - startedAt) / 1000;
  return {
    name,
    child,
    url: `${address}${path}`,
    startSeconds,
    residentMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
    processorMs() {
      // User and system time, counted behind the name, which may hold anything.
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
      return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
    },
    async end() {
      forget();
      // At once: what is still under way would be finished first.
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function isReady(address: string): Promise<boolean> {
  return fetch(`${address}/readyz`).then(({ ok }) => ok, () => false);
}
