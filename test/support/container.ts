import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onExit } from '../../setup/on-exit.js';
import type { Finished } from './barometer.ts';
import type { PlatformImage } from './registry-image.ts';

/** The files of an image, from which containers can be started. */
export interface UnpackedImage {
  start(options?: ContainerOptions): RunningContainer;
  remove(): void;
}

export interface ContainerOptions {
  /** In place of the image's own. */
  readonly command?: readonly string[];
  /** After the image's entry point, in place of its own arguments. */
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface RunningContainer {
  readonly process: ChildProcess;
  /** What it has said so far on both outputs. */
  output(): string;
  readonly finished: Promise<Finished>;
}

/** Brought into the container, so that no program of another processor needs the machine's leave to run. */
const EMULATORS: Readonly<Record<string, string>> = { arm64: '/usr/bin/qemu-aarch64-static' };
const EMULATOR = '/emulator';

/**
 * Unpacks an image to be run as a strict cluster runs it: a read-only root file system with an empty /tmp, the image's own
 * numeric user, no capabilities, no new privileges. The network is this machine's. Where the image is for another
 * processor, its program runs under qemu.
 */
export async function unpackImage(image: PlatformImage): Promise<UnpackedImage> {
  const directory = mkdtempSync(join(tmpdir(), 'barometer-image-'));
  const root = join(directory, 'root');
  const removeFiles = () => rmSync(directory, { recursive: true, force: true });
  const forget = onExit(removeFiles);
  await image.unpack(root);
  return {
    start(options = {}) {
      const id = `barometer-${randomUUID()}`;
      const bundle = mkdtempSync(join(directory, 'bundle-'));
      writeFileSync(join(bundle, 'config.json'), JSON.stringify(toSpec(image, root, options)));
      const state = join(directory, 'state');
      return runContainer(['--root', state, 'run', '--bundle', bundle, id], () => void spawnSync('runc', ['--root', state, 'delete', '--force', id]));
    },
    remove() {
      forget();
      removeFiles();
    },
  };
}

function runContainer(args: readonly string[], remove: () => void): RunningContainer {
  const child = spawn('runc', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const forget = onExit(remove);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  const closed = once(child, 'close').finally(() => {
    forget();
    // Killed, runc leaves its container behind.
    remove();
  });
  const finished = Promise.all([text(child.stdout), text(child.stderr), closed]).then(([stdout, stderr]) => ({ exitCode: child.exitCode, stdout, stderr }));
  return { process: child, output: () => said, finished };
}

/** As the OCI's runtime specification wants it. */
function toSpec({ config: { architecture, config } }: PlatformImage, root: string, { command, args, environment = {} }: ContainerOptions): unknown {
  const given = command ?? [...(config.Entrypoint ?? []), ...(args ?? config.Cmd ?? [])];
  const emulator = architecture === 'amd64' ? undefined : EMULATORS[architecture];
  // The emulator looks for no program on the path.
  const program = emulator === undefined ? given : [EMULATOR, '/usr/local/bin/node', ...given.slice(1)];
  const [uid, gid] = (config.User ?? '0:0').split(':').map(Number);
  return {
    ociVersion: '1.0.2',
    root: { path: root, readonly: true },
    process: {
      args: program,
      cwd: config.WorkingDir ?? '/',
      env: [...(config.Env ?? []), ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)],
      user: { uid, gid },
      noNewPrivileges: true,
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=1m'] },
      { destination: '/dev/shm', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', 'mode=1777'] },
      { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777'] },
      // A program that reads there of this machine's processor would take it for its own.
      ...(emulator === undefined
        ? [{ destination: '/sys', type: 'bind', source: '/sys', options: ['rbind', 'ro'] }]
        : [{ destination: EMULATOR, type: 'bind', source: emulator, options: ['bind', 'ro'] }]),
    ],
    // As the first process of a namespace, an emulator could not end itself as its program does that crashes.
    linux: { namespaces: [...(emulator === undefined ? ['pid'] : []), 'ipc', 'uts', 'mount'].map((type) => ({ type })) },
  };
}
