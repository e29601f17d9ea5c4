import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ensureInCache, logFile } from '../../setup/cache.js';
import { fetchNode, NODE_VERSION } from '../../setup/node.js';
import { runNpm } from '../../setup/npm.js';
import { ensureDebianPackages } from './debian-packages.ts';
import { createOciLayout } from './oci-layout.ts';

/** References to be given as BASE_IMAGE and BUILD_IMAGE. */
export interface BaseImages {
  /** For amd64 and arm64; glibc and libstdc++, no shell. */
  readonly base: string;
  /** For this machine's platform: Node, npm, and compilers for both platforms. */
  readonly build: string;
}

const run = promisify(execFile);
/** Counted up when the way in which they are made changes. */
const RECIPE = 1;
const SUITE = 'bookworm';
const NPM_VERSION = '11.21.2';
const PACKAGES = {
  base: ['base-files', 'libc6', 'libstdc++6', 'libgcc-s1', 'tzdata'],
  build: ['base-files', 'libc6', 'libstdc++6', 'dash', 'coreutils', 'g++', 'g++-aarch64-linux-gnu'],
};
const PLATFORMS = ['amd64', 'arm64'] as const;
const OWN_PLATFORM = process.arch === 'arm64' ? 'arm64' : 'amd64';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
/** Where this machine's own mirrors and certificates are named, the build must look there too. */
const PASSED_ON = ['NODE_EXTRA_CA_CERTS', 'PIP_INDEX_URL', 'npm_config_registry'];
const MAKE_LIMIT_MS = 900_000;

/**
 * Whether base images can be made here: as root, with Debian's tools for it. Where not, it says why on standard error.
 */
export function canMakeBaseImages(): boolean {
  if (process.getuid?.() === 0) return ensureDebianPackages(['mmdebstrap', 'skopeo']);
  console.error('These tests are skipped: only root can make base images out of Debian packages.');
  return false;
}

/**
 * Puts base images for the builds of a test into a registry. None can be pulled from the internet in CI, so they are made
 * of Debian packages, once, and kept in the cache (about 250 MB).
 */
export async function pushBaseImages(host: string): Promise<BaseImages> {
  const layout = await ensureInCache(toCacheName(), fill);
  const push = async (name: 'base' | 'build') => {
    const reference = `${host}/test/${name}:${SUITE}`;
    await run('skopeo', ['copy', '--quiet', '--all', '--dest-tls-verify=false', `oci:${layout}:${name}`, `docker://${reference}`]);
    return reference;
  };
  return { base: await push('base'), build: await push('build') };
}

/** Named by all that goes in: whatever changes makes them anew. */
function toCacheName(): string {
  const certificates = existsSync(CERTIFICATES) ? readFileSync(CERTIFICATES, 'base64') : '';
  const parts = JSON.stringify([RECIPE, SUITE, NPM_VERSION, NODE_VERSION, PACKAGES, toBuildEnvironment(), certificates]);
  return `base-images-${createHash('sha256').update(parts).digest('hex').slice(0, 12)}`;
}

async function fill(dir: string): Promise<void> {
  const layout = createOciLayout(dir);
  const base = [];
  for (const platform of PLATFORMS) {
    base.push(await withDebian(platform, PACKAGES.base, (root) => layout.addImage(root, platform, [])));
  }
  const build = await withDebian(OWN_PLATFORM, PACKAGES.build, async (root) => {
    await addNode(root);
    return layout.addImage(root, OWN_PLATFORM, toBuildEnvironment());
  });
  layout.finish({ base, build: [build] });
}

/** Unpacks Debian packages into a directory for as long as it is used. Nothing that is in them is run. */
async function withDebian<T>(platform: string, packages: readonly string[], use: (root: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'barometer-debian-'));
  const root = join(directory, 'root');
  try {
    await run(
      'mmdebstrap',
      [
        ...['--quiet', '--mode=root', '--variant=extract', `--architectures=${platform}`, `--include=${packages.join(',')}`],
        ...['--aptopt=Acquire::Languages "none"', '--dpkgopt=path-exclude=/usr/share/doc/*', '--dpkgopt=path-exclude=/usr/share/man/*', '--dpkgopt=path-exclude=/usr/share/locale/*'],
        ...[SUITE, root, findMirror()],
      ],
      { timeout: MAKE_LIMIT_MS },
    );
    if (existsSync(CERTIFICATES)) {
      mkdirSync(dirname(join(root, CERTIFICATES)), { recursive: true });
      copyFileSync(CERTIFICATES, join(root, CERTIFICATES));
    }
    return await use(root);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Where this machine takes its packages from, if it is a Debian; else Debian's own. */
function findMirror(): string {
  const sources = '/etc/apt/sources.list.d/debian.sources';
  const named = existsSync(sources) ? /^URIs:\s*(\S+)/m.exec(readFileSync(sources, 'utf8'))?.[1] : undefined;
  return named ?? 'http://deb.debian.org/debian';
}

async function addNode(root: string): Promise<void> {
  const npm = await ensureInCache(`npm-${NPM_VERSION}`, async (dir) => {
    writeFileSync(join(dir, 'package.json'), '{ "private": true }\n');
    await runNpm(['install', '--ignore-scripts', `npm@${NPM_VERSION}`], { cwd: dir, log: logFile('base-images') });
  });
  const local = join(root, 'usr', 'local');
  mkdirSync(join(local, 'bin'), { recursive: true });
  copyFileSync(await fetchNode('linux', process.arch), join(local, 'bin', 'node'));
  cpSync(join(npm, 'node_modules', 'npm'), join(local, 'lib', 'node_modules', 'npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin', 'npm'));
}

function toBuildEnvironment(): string[] {
  const passedOn = PASSED_ON.flatMap((name) => (process.env[name] ? [`${name}=${process.env[name]}`] : []));
  return ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...passedOn];
}
