import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before } from 'mocha';
import { onExit } from '../../setup/on-exit.js';
import { ensureDebianPackages } from './debian-packages.ts';

export interface Registry {
  /** `127.0.0.1:<port>`, to be put before a repository's name. It speaks plain HTTP. */
  readonly host: string;
  stop(): Promise<void>;
}

export interface RegistryOptions {
  /** Where its content lies; in a directory of its own, gone afterwards, when nothing is said. */
  readonly dataDir?: string;
  /** It asks everyone for the name and the password of `REGISTRY_USER`. */
  readonly isLocked?: boolean;
}

/** Who may use a registry that is locked. */
export const REGISTRY_USER = { name: 'someone', password: 'wrong-is-not-right' } as const;
const HTPASSWD = `${REGISTRY_USER.name}:$2b$04$n0IKOI5S8BAfwkz44fhBde62i6DBj4X3aXoC3Qi4MkaSATTrkTgCO\n`;

const START_LIMIT_MS = 120_000;

/**
 * A container registry of its own for the tests of a file: started before them, ended after them. The tests are skipped
 * where there is no registry and none can be installed.
 */
export function useRegistry(options: RegistryOptions = {}): Pick<Registry, 'host'> {
  let registry: Registry | undefined;

  before('start a registry', async function () {
    this.timeout(900_000);
    if (!ensureDebianPackages(['docker-registry'])) return this.skip();
    registry = await startRegistry(options);
  });

  after('end the registry', () => registry?.stop());

  return {
    get host() {
      if (registry === undefined) throw new Error('The registry is not started yet');
      return registry.host;
    },
  };
}

/** Starts the registry of Debian's package docker-registry on a free port, and waits until it listens. */
export async function startRegistry({ dataDir, isLocked = false }: RegistryOptions = {}): Promise<Registry> {
  const directory = mkdtempSync(join(tmpdir(), 'barometer-registry-'));
  const configuration = join(directory, 'config.json');
  const storage = { filesystem: { rootdirectory: dataDir ?? join(directory, 'data') }, delete: { enabled: true } };
  const htpasswd = join(directory, 'htpasswd');
  writeFileSync(htpasswd, HTPASSWD);
  const auth = isLocked ? { auth: { htpasswd: { realm: 'Registry', path: htpasswd } } } : {};
  // YAML, of which JSON is a part.
  writeFileSync(configuration, JSON.stringify({ version: '0.1', log: { formatter: 'json' }, storage, ...auth, http: { addr: '127.0.0.1:0' } }));
  const child = spawn('docker-registry', ['serve', configuration], { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' } });
  const exited = once(child, 'exit');
  const stopWithUs = (): void => {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  const forget = onExit(stopWithUs);

  async function stop(): Promise<void> {
    forget();
    child.kill('SIGKILL');
    await exited;
    rmSync(directory, { recursive: true, force: true });
  }

  const limit = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  const host = await findAddress(child.stderr);
  clearTimeout(limit);
  if (host === null) {
    await stop();
    throw new Error('The registry ended, or said nothing for a long time, instead of listening.');
  }
  // It logs every request, and would stand still with nobody to read that.
  child.stderr.resume();
  return { host, stop };
}

async function findAddress(log: NodeJS.ReadableStream): Promise<string | null> {
  const lines = createInterface({ input: log });
  for await (const line of lines) {
    const address = /listening on ([\d.]+:\d+)/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  return null;
}
