import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onExit } from '../../setup/on-exit.js';
import { inCache } from '../../setup/cache.js';
import { findOnPath } from '../../setup/command.js';
import { ensureDebianPackages } from './debian-packages.ts';
import { ensureGoPrograms } from './go-programs.ts';
import { until } from './until.ts';

const BUILDKIT_VERSION = '0.34.2';
const BUILDX_VERSION = '0.38.2';
const PACKAGES = {
  buildkitd: { buildkitd: 'github.com/moby/buildkit/cmd/buildkitd' },
  buildx: { 'docker-buildx': 'github.com/docker/buildx/cmd/buildx' },
} as const;

export interface BuildKit {
  /** For `docker`, whose current builder it makes this one. */
  readonly environment: { readonly DOCKER_CONFIG: string };
  stop(): Promise<void>;
}

/** Whether `docker buildx` can run here. Where not, it says why on standard error. */
export function canRunBuildKit(): boolean {
  if (process.getuid?.() !== 0) return skip('only root can run BuildKit');
  if (findOnPath('docker') === undefined) return skip('there is no docker command');
  const isBuilt = existsSync(inCache(`buildkit-${BUILDKIT_VERSION}`)) && existsSync(inCache(`buildx-${BUILDX_VERSION}`));
  if (!isBuilt && process.env['BAROMETER_TEST_BUILDX'] !== 'true') return skip('BAROMETER_TEST_BUILDX=true would build BuildKit from source, in five minutes, once');
  return ensureDebianPackages(['runc']);
}

function skip(why: string): false {
  console.error(`The tests of docker buildx are skipped: ${why}.`);
  return false;
}

/** Starts a BuildKit of its own, and makes it the builder of `docker buildx`. It pulls from this registry by plain HTTP. */
export async function startBuildKit(registryHost: string): Promise<BuildKit> {
  const buildkit = await ensureGoPrograms({
    name: `buildkit-${BUILDKIT_VERSION}`,
    duration: '3 minutes',
    packages: PACKAGES.buildkitd,
    goMod: `module buildkit\ngo 1.25\nrequire github.com/moby/buildkit v${BUILDKIT_VERSION}\n`,
  });
  const buildx = await ensureGoPrograms({
    name: `buildx-${BUILDX_VERSION}`,
    duration: '2 minutes',
    packages: PACKAGES.buildx,
    goMod: `module buildx\ngo 1.25\nrequire github.com/docker/buildx v${BUILDX_VERSION}\n`,
  });
  const directory = mkdtempSync(join(tmpdir(), 'barometer-buildkit-'));
  const socket = `unix://${join(directory, 'buildkitd.sock')}`;
  const dockerConfig = join(directory, 'docker');
  mkdirSync(join(dockerConfig, 'cli-plugins'), { recursive: true });
  symlinkSync(join(buildx, 'docker-buildx'), join(dockerConfig, 'cli-plugins', 'docker-buildx'));
  const settings = [
    `root = ${JSON.stringify(join(directory, 'root'))}`,
    `[grpc]\naddress = [${JSON.stringify(socket)}]`,
    '[worker.oci]\nenabled = true\nnetworkMode = "host"\nsnapshotter = "native"',
    '[worker.containerd]\nenabled = false',
    `[registry.${JSON.stringify(registryHost)}]\nhttp = true`,
  ];
  writeFileSync(join(directory, 'buildkitd.toml'), settings.join('\n'));
  const child = spawn(join(buildkit, 'buildkitd'), ['--config', join(directory, 'buildkitd.toml')], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const stopWithUs = (): void => void child.kill('SIGKILL');
  const forget = onExit(stopWithUs);
  const environment = { DOCKER_CONFIG: dockerConfig };

  async function stop(): Promise<void> {
    forget();
    child.kill('SIGTERM');
    await exited;
    rmSync(directory, { recursive: true, force: true });
  }

  try {
    await until(() => existsSync(join(directory, 'buildkitd.sock')));
    const docker = (...args: string[]) => execFileSync('docker', ['buildx', ...args], { env: { ...process.env, ...environment }, stdio: 'pipe' });
    docker('create', '--use', '--driver=remote', socket);
    await until(() => spawnSync('docker', ['buildx', 'inspect'], { env: { ...process.env, ...environment }, encoding: 'utf8' }).stdout.includes('running'));
  } catch (error) {
    await stop();
    throw error;
  }
  return { environment, stop };
}
