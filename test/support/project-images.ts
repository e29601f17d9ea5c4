import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'mocha';
import { buildah } from '../../adapters/containers/buildah.ts';
import type { ContainerImage } from '../../domain/container-image.ts';
import { IMAGE_LABELS, IMAGE_PLATFORMS } from '../../domain/container-image.ts';
import { inCache } from '../../setup/cache.js';
import { withLock } from '../../setup/lock.js';
import { isFailure } from '../../domain/failure.ts';
import { canMakeBaseImages, pushBaseImages } from './base-images.ts';
import { REPOSITORY } from './barometer.ts';
import { ensureDebianPackages } from './debian-packages.ts';
import { GIT_SHA } from './models.ts';
import { startRegistry } from './registry.ts';
import type { Registry } from './registry.ts';
import { openImage } from './registry-image.ts';
import type { RegistryImage } from './registry-image.ts';

const BUILD_LIMIT_MS = 1_200_000;
const UNUSED_LIMIT_MS = 24 * 3_600_000;

/** Labels as a run of the pipeline gives them. */
export const LABELS = {
  [IMAGE_LABELS.title]: 'barometer',
  [IMAGE_LABELS.revision]: GIT_SHA,
  [IMAGE_LABELS.source]: 'https://github.com/acme/barometer',
  [IMAGE_LABELS.version]: '0.1.0',
  [IMAGE_LABELS.created]: '2026-11-24T01:55:00.000Z',
};

/**
 * One of the project's images for both platforms, built from the working files with buildah and pushed to a registry,
 * before the tests of a file. Layers of earlier builds are kept in the cache. The tests are skipped where the tools for it can't be had.
 */
export function useProjectImage(image: ContainerImage): { readonly pushed: RegistryImage } {
  let registry: Registry | undefined;
  let pushed: RegistryImage | undefined;

  before(`build the image of the ${image}`, async function () {
    this.timeout(BUILD_LIMIT_MS);
    if (process.arch !== 'x64') {
      console.error('These tests are skipped: they run on amd64.');
      return this.skip();
    }
    if (!canMakeBaseImages() || !ensureDebianPackages(['buildah', 'docker-registry', 'runc', 'qemu-user-static'])) return this.skip();
    registry = await startRegistry();
    const { host } = registry;
    const bases = await pushBaseImages(host);
    const reference = `${host}/acme/barometer/${image}:${GIT_SHA}`;
    // One build at a time in the same storage, though other tests may be at it too.
    await withLock(inCache('image-storage.lock'), () => build(image, reference, { BASE_IMAGE: bases.base, BUILD_IMAGE: bases.build }));
    pushed = await openImage(host, `acme/barometer/${image}`, GIT_SHA);
  });

  after('end the registry', () => registry?.stop());

  return {
    get pushed() {
      if (pushed === undefined) throw new Error('The image is not built yet');
      return pushed;
    },
  };
}

async function build(image: ContainerImage, reference: string, buildArgs: Record<string, string>): Promise<void> {
  const lines: string[] = [];
  const npmrc = join(homedir(), '.npmrc');
  try {
    await buildah.build(
      {
        reference,
        contextDirectory: REPOSITORY,
        dockerfile: join(REPOSITORY, 'docker', image, 'Dockerfile'),
        platforms: IMAGE_PLATFORMS,
        labels: LABELS,
        buildArgs,
        createdAt: new Date(LABELS[IMAGE_LABELS.created]),
        npmrc: existsSync(npmrc) ? npmrc : null,
        plainHttp: true,
        sbomGenerator: null,
      },
      {
        environment: { ...process.env, BUILDAH_ISOLATION: 'chroot', CONTAINERS_STORAGE_CONF: ensureStorage() },
        onLine: (line) => lines.push(line),
        signal: AbortSignal.timeout(BUILD_LIMIT_MS),
      },
    );
  } catch (error) {
    if (!isFailure(error, 'image-build-failed')) throw error;
    throw new Error(`${error.message} Its last lines:\n${lines.slice(-30).join('\n')}`, { cause: error });
  }
}

/**
 * Where buildah keeps layers between runs. What makes large layers is part of the name, and storage that nobody
 * used for a day is thrown away: so it doesn't grow for ever.
 *
 * @returns the path of its configuration
 */
function ensureStorage(): string {
  const costly = ['package-lock.json', ...listFiles('setup'), ...listFiles('docker').filter((file) => file.endsWith('.json'))];
  const hash = createHash('sha256');
  for (const file of costly) hash.update(readFileSync(join(REPOSITORY, file)));
  const name = `image-storage-${hash.digest('hex').slice(0, 12)}`;
  mkdirSync(inCache(name), { recursive: true });
  for (const other of readdirSync(inCache('.'))) if (/^image-storage-[0-9a-f]{12}$/.test(other) && isUnused(other)) rmSync(inCache(other), { recursive: true });
  const path = inCache(join(name, 'storage.conf'));
  const [graphroot, runroot] = [inCache(join(name, 'storage')), inCache(join(name, 'run'))];
  writeFileSync(path, `[storage]\ndriver = "overlay"\ngraphroot = ${JSON.stringify(graphroot)}\nrunroot = ${JSON.stringify(runroot)}\n`);
  return path;
}

/** For a day: another checkout may be tested in turn with this one. */
function isUnused(name: string): boolean {
  const { mtimeMs } = statSync(inCache(join(name, 'storage.conf')), { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
  return Date.now() - mtimeMs > UNUSED_LIMIT_MS;
}

function listFiles(folder: string): string[] {
  const entries = readdirSync(join(REPOSITORY, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(REPOSITORY.length)).sort();
}
