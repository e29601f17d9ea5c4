import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before } from 'mocha';
import { onExit } from '../../setup/on-exit.js';
import type { PythonPackages } from './python-packages.ts';
import { ensurePythonPackages, INSTALL_LIMIT_MS } from './python-packages.ts';

/** What MLflow's own server imports to serve its tracking API; the whole of the package `mlflow` is ten times that. */
const PACKAGES = ['mlflow-skinny==3.17.2', 'flask==3.1.3', 'flask-cors==6.0.5', 'sqlalchemy==2.1.9', 'alembic==1.20.1'];
const START_LIMIT_MS = 120_000;

export interface Mlflow {
  /** What goes into MLFLOW_TRACKING_URI. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * An MLflow server of its own for the tests of a file: started before them, ended after them. The tests are skipped where there
 * is no Python for it, or its packages can't be had.
 */
export function useMlflow(): Pick<Mlflow, 'url'> {
  let mlflow: Mlflow | undefined;

  before('start MLflow', async function () {
    this.timeout(INSTALL_LIMIT_MS + START_LIMIT_MS);
    const packages = await ensurePythonPackages({ name: 'mlflow-skinny-3.17.2', title: 'an MLflow server (30 MB, once)', packages: PACKAGES, oldestMinor: 10 });
    if (packages === null) return this.skip();
    mlflow = await startMlflow(packages);
  });

  after('end MLflow', () => mlflow?.stop());

  return {
    get url() {
      if (mlflow === undefined) throw new Error('MLflow is not started yet');
      return mlflow.url;
    },
  };
}

/** Starts the web application of MLflow's server with a database of its own, and waits until it listens. */
export async function startMlflow({ python, directory }: PythonPackages): Promise<Mlflow> {
  const data = await mkdtemp(join(tmpdir(), 'barometer-mlflow-'));
  // `mlflow server` starts this very application, after a dozen seconds with things that nobody needs here.
  const child = spawn(python, ['-m', 'flask', '--app', 'mlflow.server:app', 'run', '--host', '127.0.0.1', '--port', '0'], {
    cwd: data,
    env: {
      PATH: process.env['PATH'],
      PYTHONPATH: directory,
      _MLFLOW_SERVER_FILE_STORE: `sqlite:///${join(data, 'mlflow.db')}`,
      _MLFLOW_SERVER_ARTIFACT_ROOT: join(data, 'artifacts'),
      MLFLOW_DISABLE_TELEMETRY: 'true',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  const stopWithUs = (): void => void child.kill('SIGKILL');
  const forget = onExit(stopWithUs);

  async function stop(): Promise<void> {
    forget();
    child.kill('SIGKILL');
    await exited;
    await rm(data, { recursive: true });
  }

  const limit = setTimeout(stopWithUs, START_LIMIT_MS);
  const url = await findUrl(child.stderr);
  clearTimeout(limit);
  if (url === null) {
    await stop();
    throw new Error('MLflow ended, or said nothing for a long time, instead of listening.');
  }
  // It logs every request, and would stand still with nobody to read that.
  child.stderr.resume();
  // Its database is made at the first request, which takes seconds.
  await fetch(`${url}/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default`);
  return { url, stop };
}

async function findUrl(log: NodeJS.ReadableStream): Promise<string | null> {
  for await (const line of createInterface({ input: log })) {
    const url = /Running on (http:\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  return null;
}
