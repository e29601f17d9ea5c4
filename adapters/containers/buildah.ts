import { randomUUID } from 'node:crypto';
import type { ImagePlatform } from '../../domain/container-image.ts';
import type { ContainerEngine, EngineBuild } from './engine.ts';
import { runCommand } from './engine-command.ts';
import { toImageLocation } from './reference.ts';
import { withTemporaryDirectory } from './temporary-directory.ts';

/** Buildah and Podman, which is Buildah inside: the same commands, of another program. */
export const buildah = createBuildah('buildah');
export const podman = createBuildah('podman');

const OWN_PLATFORM = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64';

/** A clean-up has no bearing on the result, and must not hold it up. */
const CLEAN_UP_LIMIT_MS = 60_000;

function createBuildah(name: 'buildah' | 'podman'): ContainerEngine {
  return {
    name,
    attests: false,
    build: (build, { environment, onLine, signal }) =>
      withTemporaryDirectory(environment, async (inDirectory) => {
        const list = `localhost/barometer-build:${randomUUID()}`;
        const options = { environment: inDirectory, onLine, signal };
        try {
          // One after the other, so that the index lists them in the same order each time.
          for (const platform of build.platforms) {
            onLine(`${platform}:`);
            await runCommand([name, ...toBuildArguments(build, platform, list)], options);
          }
          await runCommand([name, ...toPushArguments(build, list)], options);
        } finally {
          const cleanUp = { ...options, onLine: () => undefined, signal: AbortSignal.timeout(CLEAN_UP_LIMIT_MS) };
          await runCommand([name, 'manifest', 'rm', list], cleanUp).catch(() => undefined);
        }
      }),
  };
}

function toBuildArguments(build: EngineBuild, platform: ImagePlatform, list: string): string[] {
  const { host } = toImageLocation(build.reference);
  const isPulledPlain = build.plainHttp && Object.values(build.buildArgs).some((value) => value.startsWith(`${host}/`));
  return [
    'build',
    `--platform=${platform}`,
    `--manifest=${list}`,
    `--file=${build.dockerfile}`,
    '--format=oci',
    '--layers',
    // Also when the build fails, or is ended.
    '--force-rm',
    `--timestamp=${Math.floor(build.createdAt.getTime() / 1000)}`,
    ...Object.entries(build.labels).map(([name, value]) => `--label=${name}=${value}`),
    // With --platform they take this one for the builder's own too.
    ...Object.entries({ ...build.buildArgs, BUILDPLATFORM: OWN_PLATFORM }).map(([name, value]) => `--build-arg=${name}=${value}`),
    ...(build.npmrc === null ? [] : [`--secret=id=npmrc,src=${build.npmrc}`]),
    ...(isPulledPlain ? ['--tls-verify=false'] : []),
    build.contextDirectory,
  ];
}

function toPushArguments({ reference, plainHttp }: EngineBuild, list: string): string[] {
  return ['manifest', 'push', '--all', '--format=oci', ...(plainHttp ? ['--tls-verify=false'] : []), list, `docker://${reference}`];
}
