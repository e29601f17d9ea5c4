import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach } from 'mocha';
import { buildx } from '../../../adapters/containers/buildx.ts';
import type { EngineBuild } from '../../../adapters/containers/engine.ts';
import { findEngine } from '../../../adapters/containers/find-engine.ts';
import { createRegistry } from '../../../adapters/containers/registry.ts';
import { isFailure } from '../../../domain/failure.ts';
import type { BuildKit } from '../../support/buildkit.ts';
import { canRunBuildKit, startBuildKit } from '../../support/buildkit.ts';
import type { EngineHome } from '../../support/container-engines.ts';
import { createEngineHome, pushTinyBase } from '../../support/container-engines.ts';
import { ensureDebianPackages } from '../../support/debian-packages.ts';
import { useRegistry } from '../../support/registry.ts';

const never = new AbortController().signal;
const DOCKERFILE = [
  'ARG BASE_IMAGE',
  'FROM $BASE_IMAGE',
  'ARG TARGETARCH',
  'COPY busybox /busybox',
  // The build may read the secret; nothing of it may stay.
  'RUN --mount=type=secret,id=npmrc,target=/npmrc ["/busybox", "sh", "-c", "/busybox wc -c < /npmrc > /size"]',
  'COPY greeting /greeting',
  'ENV ARCH=$TARGETARCH',
  '',
].join('\n');
/** What a generator of SBOMs writes: a statement about what is inside. */
const SBOM = JSON.stringify({ _type: 'https://in-toto.io/Statement/v0.1', predicateType: 'https://spdx.dev/Document', predicate: { spdxVersion: 'SPDX-2.3' } });
const GENERATOR = ['ARG BASE_IMAGE', 'FROM $BASE_IMAGE', 'COPY busybox /busybox', 'COPY sbom.json /sbom.json', 'ENTRYPOINT ["/busybox", "sh", "-c", "/busybox cp /sbom.json $BUILDKIT_SCAN_DESTINATION/"]', ''].join('\n');

describe('building with docker buildx', () => {
  const registry = useRegistry();
  let buildkit: BuildKit | undefined;
  let base: string;
  let home: EngineHome;

  before('start BuildKit', async function () {
    this.timeout(900_000);
    if (!canRunBuildKit() || !ensureDebianPackages(['skopeo', 'busybox-static'])) return this.skip();
    base = await pushTinyBase(registry.host);
    buildkit = await startBuildKit(registry.host);
  });

  after('end it', () => buildkit?.stop());

  beforeEach('make a home', () => {
    home = createEngineHome(buildkit!.environment);
    home.write('context/greeting', 'hello');
    mkdirSync(join(home.directory, 'context'), { recursive: true });
    copyFileSync('/bin/busybox', join(home.directory, 'context/busybox'));
  });

  afterEach('remove it', () => home.remove());

  function toBuild(name: string, dockerfile = DOCKERFILE, changed: Partial<EngineBuild> = {}): EngineBuild {
    return {
      reference: `${registry.host}/test/${name}`,
      contextDirectory: join(home.directory, 'context'),
      dockerfile: home.write('context/Dockerfile', dockerfile),
      // The step that it runs is for this machine's own processor.
      platforms: [process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64'],
      labels: { 'org.example.a': 'one two' },
      buildArgs: { BASE_IMAGE: base },
      createdAt: new Date('2026-11-24T01:55:00Z'),
      npmrc: home.write('.npmrc', '//npm.example/:_authToken=npm_abcdef'),
      plainHttp: true,
      sbomGenerator: null,
      ...changed,
    };
  }

  async function run(build: EngineBuild, options: { signal?: AbortSignal; onLine?: (line: string) => void } = {}) {
    const lines: string[] = [];
    const onLine = (line: string) => {
      lines.push(line);
      options.onLine?.(line);
    };
    const error = await buildx.build(build, { environment: home.environment, signal: options.signal ?? never, onLine }).then(() => null, (reason: unknown) => reason);
    return { lines, error };
  }

  const find = (reference: string) => createRegistry({ plainHttpHost: registry.host, environment: home.environment }).findImage(reference);

  /** What is attached to the first image of an index, by its type. */
  function readAttestations(reference: string): string[] {
    const inspect = (name: string) => JSON.parse(execFileSync('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${name}`], { encoding: 'utf8' })) as Manifest;
    const attached = inspect(reference).manifests!.find(({ annotations }) => annotations?.['vnd.docker.reference.type'] === 'attestation-manifest');
    const manifest = inspect(`${reference.replace(/:[^:/]+$/, '')}@${attached!.digest}`);
    return manifest.layers!.map(({ annotations }) => annotations!['in-toto.io/predicate-type']!).sort();
  }

  interface Manifest {
    manifests?: { digest: string; annotations?: Record<string, string> }[];
    layers?: { annotations?: Record<string, string> }[];
  }

  it('is found by itself', async () => {
    const found = await findEngine({ choice: null, platforms: ['linux/amd64', 'linux/arm64'], environment: home.environment });
    assert.equal('engine' in found ? found.engine.name : found.whyNot, 'buildx');
  });

  it('pushes an index with an image for each platform, and how they were built', async () => {
    const dockerfile = DOCKERFILE.split('\n').filter((line) => !line.startsWith('RUN')).join('\n');
    const build = toBuild('index:1', dockerfile, { platforms: ['linux/amd64', 'linux/arm64'] });
    const { error, lines } = await run(build);
    assert.equal(error, null, lines.join('\n'));
    const found = await find(build.reference);
    assert.deepEqual([...found!.labels.keys()], ['linux/amd64', 'linux/arm64']);
    for (const labels of found!.labels.values()) assert.equal(labels['org.example.a'], 'one two');
    assert.ok(readAttestations(build.reference).every((type) => type.startsWith('https://slsa.dev/provenance/')));
    const config = JSON.parse(execFileSync('skopeo', ['inspect', '--config', '--override-arch=arm64', '--tls-verify=false', `docker://${build.reference}`], { encoding: 'utf8' })) as { created: string; architecture: string };
    assert.deepEqual([config.architecture, config.created], ['arm64', '2026-11-24T01:55:00Z']);
  });

  it('lists what is inside where there is a generator for it', async () => {
    home.write('context/sbom.json', SBOM);
    const generator = toBuild('generator:1', GENERATOR);
    assert.equal((await run(generator)).error, null);
    const build = toBuild('listed:1', DOCKERFILE, { sbomGenerator: generator.reference });
    const { error, lines } = await run(build);
    assert.equal(error, null, lines.join('\n'));
    assert.deepEqual(readAttestations(build.reference).map((type) => new URL(type).host), ['slsa.dev', 'spdx.dev']);
  });

  it('lets the build read the npmrc, and keeps it out of the log and the image', async () => {
    const build = toBuild('secret:1');
    const { error, lines } = await run(build);
    assert.equal(error, null, lines.join('\n'));
    assert.ok(!lines.join('\n').includes('npm_abcdef'));
    const copy = join(home.directory, 'copy');
    execFileSync('skopeo', ['copy', '--quiet', '--dest-decompress', '--src-tls-verify=false', `docker://${build.reference}`, `dir:${copy}`]);
    const isIn = (text: string) => spawnSync('grep', ['--recursive', '--quiet', text, copy]).status === 0;
    assert.ok(isIn('hello'), 'what is in the image would be found');
    assert.ok(!isIn('npm_abcdef'));
  });

  it('takes layers from its store', async () => {
    await run(toBuild('cached:1'));
    const { lines } = await run(toBuild('cached:2', DOCKERFILE, { labels: { 'org.example.a': 'another' } }));
    assert.ok(lines.filter((line) => / CACHED$/.test(line)).length >= 3, lines.join('\n'));
  });

  it('fails with what the engine said', async () => {
    const { error, lines } = await run(toBuild('broken:1', `${DOCKERFILE}COPY nothing /nothing\n`));
    assert.ok(isFailure(error, 'image-build-failed'));
    assert.match(error.message, /^docker buildx ended with exit code \d+\.$/);
    assert.match(lines.join('\n'), /nothing/);
    assert.equal(await find(`${registry.host}/test/broken:1`), null);
  });

  it('ends what a step of the build runs when aborted', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const dockerfile = `${DOCKERFILE}RUN ["/busybox", "sh", "-c", "echo it runs; exec /busybox sleep 1000"]\n`;
    const { error } = await run(toBuild('aborted:1', dockerfile), {
      signal: controller.signal,
      onLine(line) {
        if (line.endsWith(' it runs')) controller.abort(reason);
      },
    });
    assert.equal(error, reason);
    assert.equal(await find(`${registry.host}/test/aborted:1`), null);
  });
});

