import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'mocha';
import type { ImageBuilderOptions } from '../../../adapters/containers/image-builder.ts';
import { createImageBuilder } from '../../../adapters/containers/image-builder.ts';
import type { ImageConfig } from '../../../config/images.ts';
import { Failure, isFailure } from '../../../domain/failure.ts';
import type { EngineHome } from '../../support/container-engines.ts';
import { createEngineHome } from '../../support/container-engines.ts';

const never = new AbortController().signal;
const BUILDERS = JSON.stringify({ Name: 'far', Driver: 'remote', Current: true, Nodes: [{ Status: 'running' }] });

describe('building an image', () => {
  let home: EngineHome;

  beforeEach('make a home', () => {
    home = createEngineHome();
  });

  afterEach('remove it', () => home.remove());

  const images: ImageConfig = {
    repository: 'ghcr.io/acme/barometer',
    images: ['api'],
    platforms: ['linux/amd64', 'linux/arm64'],
    engine: null,
    baseImage: null,
    buildImage: null,
    plainHttp: false,
    sbomGenerator: 'generator:1',
  };
  const generator: ImageBuilderOptions['registry'] = { findImage: () => Promise.resolve({ digest: 'sha256:0', labels: new Map() }) };

  /** A machine whose only engines are these scripts. */
  function createBuilder(programs: Readonly<Record<string, string>>, changed: Partial<ImageConfig> = {}, registry = generator) {
    for (const [name, script] of Object.entries(programs)) home.write(`bin/${name}`, `#!/bin/sh\n${script}\n`, 0o755);
    return createImageBuilder({ images: { ...images, ...changed }, registry, environment: { ...home.environment, PATH: `${home.directory}/bin` } });
  }

  /** Writes down how it is called, an argument a line. */
  const noting = (name: string) => `if [ "$2" = ls ]; then echo '${BUILDERS}'; else printf '%s\\n' "$@" >> ${home.directory}/${name}.arguments; fi`;
  const readArguments = (name: string) => readFileSync(join(home.directory, `${name}.arguments`), 'utf8').split('\n');

  async function build(builder: ReturnType<typeof createBuilder>): Promise<string[]> {
    const lines: string[] = [];
    const what = { image: 'api', directory: '/tree', reference: 'ghcr.io/acme/barometer/api:1', labels: { 'org.example.a': 'b', 'org.opencontainers.image.revision': 'a-commit' }, createdAt: new Date(1000) } as const;
    await builder.build(what, { signal: never, onLine: (line) => lines.push(line) });
    return lines;
  }

  it('takes the Dockerfile of the image, the whole tree as context, and the labels, and tells it the commit', async () => {
    await build(createBuilder({ docker: noting('docker') }));
    const told = readArguments('docker');
    for (const expected of ['--file=/tree/docker/api/Dockerfile', '/tree', '--platform=linux/amd64,linux/arm64', '--label=org.example.a=b', '--build-arg=SOURCE_DATE_EPOCH=1', '--build-arg=GIT_SHA=a-commit']) {
      assert.ok(told.includes(expected), expected);
    }
    assert.ok(!told.some((argument) => argument.includes('BASE_IMAGE') || argument.includes('secret') || argument.includes('insecure')));
  });

  it('names the images to build from where they are set, and the npmrc where there is one', async () => {
    const npmrc = home.write('.npmrc', 'registry=https://npm.example/');
    await build(createBuilder({ docker: noting('docker') }, { baseImage: 'base:1', buildImage: 'build:1', plainHttp: true }));
    const told = readArguments('docker');
    for (const expected of ['--build-arg=BASE_IMAGE=base:1', '--build-arg=BUILD_IMAGE=build:1', `--secret=id=npmrc,src=${npmrc}`]) assert.ok(told.includes(expected), expected);
    assert.ok(told.find((argument) => argument.startsWith('--output='))!.includes('registry.insecure=true'));
  });

  it('has what is inside listed by the generator that is set', async () => {
    await build(createBuilder({ docker: noting('docker') }));
    assert.ok(readArguments('docker').includes('--attest=type=sbom,generator=generator:1'));
  });

  it('goes without a list of contents, and says why, where the generator can not be had', async () => {
    for (const findImage of [() => Promise.resolve(null), () => Promise.reject(new Failure('dependency-unavailable', 'The registry is away.'))]) {
      const lines = await build(createBuilder({ docker: noting('docker') }, {}, { findImage }));
      assert.match(lines.join('\n'), /No SBOM is attached.*(There is no image generator:1|The registry is away)\..*BAROMETER_SBOM_GENERATOR/);
    }
    assert.ok(!readArguments('docker').some((argument) => argument.includes('sbom')));
  });

  it('looks for no generator where none is wanted', async () => {
    const lines = await build(createBuilder({ docker: noting('docker') }, { sbomGenerator: null }, { findImage: () => Promise.reject(new Error('asked')) }));
    assert.ok(!lines.join('\n').includes('SBOM'));
  });

  it('says when the engine can attach nothing', async () => {
    const lines = await build(createBuilder({ buildah: 'exit 0' }));
    assert.match(lines.join('\n'), /with buildah\nbuildah attaches no provenance and no SBOM/);
  });

  it('tells no secret that the engine prints', async () => {
    home.signIn('ghcr.io', { name: 'someone', password: 'wrong-is-not-right' });
    home.write('.npmrc', '//npm.example/:_authToken=npm_abcdef');
    const lines = await build(createBuilder({ buildah: '[ "$1" = build ] && echo "token npm_abcdef, password wrong-is-not-right"; exit 0' }));
    assert.equal(lines.at(-1), 'token ***, password ***');
  });

  it('needs an engine', async () => {
    const builder = createBuilder({});
    await assert.rejects(build(builder), (error) => isFailure(error, 'configuration-invalid') && error.message === "No container engine can build images here: docker buildx is not installed; buildah is not installed; podman is not installed. Install one of them where this worker runs, or name one in BAROMETER_CONTAINER_ENGINE.");
    assert.match((await builder.whyNot())!, /No container engine/);
  });

  it('says beforehand whether it could build, without building', async () => {
    assert.equal(await createBuilder({ buildah: noting('buildah') }).whyNot(), null);
    assert.deepEqual(readArguments('buildah'), ['info', '']);
  });
});
