import type { ContainerEngine, EngineBuild } from './engine.ts';
import { runCommand } from './engine-command.ts';

/** `docker buildx` with whatever builder is current: BuildKit in Docker, in a container, in a cluster, or a remote one. */
export const buildx: ContainerEngine = {
  name: 'buildx',
  attests: true,
  build: (build, options) => runCommand(toBuildCommand(build), options),
};

function toBuildCommand(build: EngineBuild): [string, ...string[]] {
  const createdAtSeconds = Math.floor(build.createdAt.getTime() / 1000);
  const output = {
    type: 'image',
    name: build.reference,
    push: 'true',
    'oci-mediatypes': 'true',
    'rewrite-timestamp': 'true',
    ...(build.plainHttp ? { 'registry.insecure': 'true' } : {}),
  };
  return [
    'docker',
    'buildx',
    'build',
    '--progress=plain',
    `--platform=${build.platforms.join(',')}`,
    `--file=${build.dockerfile}`,
    ...Object.entries(build.labels).map(([name, value]) => `--label=${name}=${value}`),
    ...Object.entries({ ...build.buildArgs, SOURCE_DATE_EPOCH: createdAtSeconds }).map(([name, value]) => `--build-arg=${name}=${value}`),
    ...(build.npmrc === null ? [] : [`--secret=id=npmrc,src=${build.npmrc}`]),
    '--provenance=mode=max',
    ...(build.sbomGenerator === null ? [] : [`--attest=type=sbom,generator=${build.sbomGenerator}`]),
    `--output=${Object.entries(output).map(([name, value]) => `${name}=${value}`).join(',')}`,
    build.contextDirectory,
  ];
}
