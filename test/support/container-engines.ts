import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createOciLayout } from './oci-layout.ts';

/** A home of its own for container engines: what they keep and what they are told is in here, and gone with it. */
export interface EngineHome {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Writes a file below the home; executable when it is a program. */
  write(name: string, text: string, mode?: number): string;
  /** As `docker login` leaves it. */
  signIn(host: string, user: { readonly name: string; readonly password: string }): void;
  /** Lets buildah pull from this registry by plain HTTP. */
  pullPlainFrom(host: string): void;
  /** Runs buildah on what it keeps here. */
  buildah(...args: string[]): string;
  remove(): void;
}

export function createEngineHome(more: Readonly<Record<string, string>> = {}): EngineHome {
  const directory = mkdtempSync(join(tmpdir(), 'barometer-engine-'));
  const environment: Record<string, string | undefined> = {
    ...process.env,
    HOME: directory,
    XDG_RUNTIME_DIR: join(directory, 'runtime'),
    XDG_CONFIG_HOME: undefined,
    DOCKER_CONFIG: undefined,
    REGISTRY_AUTH_FILE: undefined,
    NPM_CONFIG_USERCONFIG: undefined,
    npm_config_userconfig: undefined,
    TMPDIR: join(directory, 'tmp'),
    CONTAINERS_STORAGE_CONF: join(directory, 'storage.conf'),
    CONTAINERS_REGISTRIES_CONF: join(directory, 'registries.conf'),
    // A machine for tests may be a container itself, without the right to make others.
    BUILDAH_ISOLATION: 'chroot',
    ...more,
  };

  function write(name: string, text: string, mode = 0o600): string {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  for (const name of ['tmp', 'runtime']) mkdirSync(join(directory, name));
  const storage = { driver: chooseDriver(directory), runroot: join(directory, 'run'), graphroot: join(directory, 'storage') };
  write('storage.conf', ['[storage]', ...Object.entries(storage).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)].join('\n'));
  write('registries.conf', '');
  return {
    directory,
    environment,
    write,
    signIn(host, { name, password }) {
      const auth = Buffer.from(`${name}:${password}`).toString('base64');
      write('.docker/config.json', JSON.stringify({ auths: { [host]: { auth } } }));
    },
    pullPlainFrom: (host) => void write('registries.conf', `[[registry]]\nlocation = ${JSON.stringify(host)}\ninsecure = true\n`),
    buildah: (...args) => execFileSync('buildah', args, { env: environment, encoding: 'utf8' }).trim(),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Layers upon layers where the file system takes them; else a whole copy for each, which is slow and large. */
function chooseDriver(directory: string): 'overlay' | 'vfs' {
  const places = ['--root', join(directory, 'trial'), '--runroot', join(directory, 'trial-run')];
  const { status } = spawnSync('buildah', ['--storage-driver', 'overlay', ...places, 'info'], { stdio: 'ignore' });
  return status === 0 ? 'overlay' : 'vfs';
}

/** Pushes an image of one small file, for amd64 and arm64, and returns its reference. */
export async function pushTinyBase(host: string): Promise<string> {
  const reference = `${host}/test/tiny:1`;
  await pushTinyImage(reference);
  return reference;
}

/** Pushes an image of one small file, for amd64 and arm64, with these labels. It needs skopeo. */
export async function pushTinyImage(reference: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'barometer-tiny-base-'));
  try {
    const layout = createOciLayout(join(directory, 'layout'));
    const images = [];
    for (const platform of ['amd64', 'arm64']) {
      const root = join(directory, platform);
      mkdirSync(root);
      writeFileSync(join(root, 'platform'), platform);
      images.push(await layout.addImage(root, platform, [], labels));
    }
    layout.finish({ base: images });
    execFileSync('skopeo', ['copy', '--quiet', '--all', '--dest-tls-verify=false', `oci:${join(directory, 'layout')}:base`, `docker://${reference}`]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
