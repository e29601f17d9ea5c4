import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, before, beforeEach } from 'mocha';
import { buildah, podman } from '../../../adapters/containers/buildah.ts';
import type { ContainerEngine, EngineBuild } from '../../../adapters/containers/engine.ts';
import { createRegistry } from '../../../adapters/containers/registry.ts';
import { isFailure } from '../../../domain/failure.ts';
import type { EngineHome } from '../../support/container-engines.ts';
import { createEngineHome, pushTinyBase } from '../../support/container-engines.ts';
import { ensureDebianPackages } from '../../support/debian-packages.ts';
import { startFakeServer } from '../../support/fake-http.ts';
import { useRegistry } from '../../support/registry.ts';
import { until } from '../../support/until.ts';

const never = new AbortController().signal;
const DOCKERFILE = ['ARG BASE_IMAGE', 'FROM $BASE_IMAGE', 'ARG TARGETARCH', 'COPY greeting /greeting', 'ENV ARCH=$TARGETARCH', ''].join('\n');

describe('building with buildah', () => {
  const registry = useRegistry();
  let base: string;
  let home: EngineHome;

  before('push a base image', async function () {
    if (!ensureDebianPackages(['buildah', 'skopeo'])) return this.skip();
    base = await pushTinyBase(registry.host);
  });

  beforeEach('make a home', () => {
    home = createEngineHome();
    home.write('context/greeting', 'hello');
  });

  afterEach('remove it', () => home.remove());

  function toBuild(name: string, dockerfile = DOCKERFILE, changed: Partial<EngineBuild> = {}): EngineBuild {
    return {
      reference: `${registry.host}/test/${name}`,
      contextDirectory: join(home.directory, 'context'),
      dockerfile: home.write('context/Dockerfile', dockerfile),
      platforms: ['linux/amd64', 'linux/arm64'],
      labels: { 'org.example.a': 'one two' },
      buildArgs: { BASE_IMAGE: base },
      createdAt: new Date('2026-11-24T01:55:00Z'),
      npmrc: null,
      plainHttp: true,
      sbomGenerator: null,
      ...changed,
    };
  }

  async function run(build: EngineBuild, options: { signal?: AbortSignal; onLine?: (line: string) => void; engine?: ContainerEngine; environment?: EngineHome['environment'] } = {}) {
    const lines: string[] = [];
    const onLine = (line: string) => {
      lines.push(line);
      options.onLine?.(line);
    };
    const { engine = buildah, environment = home.environment, signal = never } = options;
    const error = await engine.build(build, { environment, signal, onLine }).then(() => null, (reason: unknown) => reason);
    return { lines, error };
  }

  const find = (reference: string) => createRegistry({ plainHttpHost: registry.host, environment: home.environment }).findImage(reference);

  it('pushes an index with an image for each platform', async () => {
    const build = toBuild('index:1');
    const { error, lines } = await run(build);
    assert.equal(error, null, lines.join('\n'));
    const found = await find(build.reference);
    assert.deepEqual([...found!.labels.keys()], ['linux/amd64', 'linux/arm64']);
    for (const labels of found!.labels.values()) assert.equal(labels['org.example.a'], 'one two');
    home.buildah('pull', '--quiet', '--tls-verify=false', '--arch=arm64', build.reference);
    const inspected = JSON.parse(home.buildah('inspect', '--type=image', build.reference)) as { OCIv1: { architecture: string; created: string; config: { Env: string[] } } };
    assert.equal(inspected.OCIv1.architecture, 'arm64');
    assert.equal(inspected.OCIv1.created, '2026-11-24T01:55:00Z');
    assert.ok(inspected.OCIv1.config.Env.includes('ARCH=arm64'));
  });

  it('gives the same digest for the same commit, on another machine too', async () => {
    await run(toBuild('same:1'));
    home.remove();
    home = createEngineHome();
    home.write('context/greeting', 'hello');
    await run(toBuild('same:2'));
    const first = await find(`${registry.host}/test/same:1`);
    const second = await find(`${registry.host}/test/same:2`);
    assert.equal(first!.digest, second!.digest);
  });

  it('takes layers from its store', async () => {
    await run(toBuild('cached:1'));
    const { lines } = await run(toBuild('cached:2', DOCKERFILE, { labels: { 'org.example.a': 'another' } }));
    const copies = lines.flatMap((line, index) => (line.includes('COPY greeting') ? [lines[index + 1]] : []));
    assert.equal(copies.length, 2);
    for (const next of copies) assert.match(next!, /Using cache/);
  });

  it('keeps what a step puts into a cache for the next build', async function () {
    if (!ensureDebianPackages(['busybox-static'])) return this.skip();
    copyFileSync('/bin/busybox', join(home.directory, 'context/busybox'));
    const step = (what: string) => ['ARG BASE_IMAGE', 'FROM $BASE_IMAGE', 'COPY busybox /busybox', `RUN --mount=type=cache,target=/cache ["/busybox", "sh", "-c", "/busybox cat /cache/*; echo ${what} > /cache/${what}"]`, ''].join('\n');
    const platforms = [process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64'] as const;
    await run(toBuild('mounted:1', step('first'), { platforms }));
    const { lines } = await run(toBuild('mounted:2', step('second'), { platforms }));
    assert.ok(lines.includes('first'), lines.join('\n'));
    assertClean();
  });

  it('lets the build read the npmrc, and keeps it out of the image', async () => {
    const npmrc = home.write('.npmrc', '//npm.example/:_authToken=npm_abcdef');
    const stub = home.write('bin/buildah', `#!/bin/sh\nprintf '%s\\n' "$@" >> ${home.directory}/arguments\n`, 0o755);
    await run(toBuild('secret:1', DOCKERFILE, { npmrc }), { environment: { ...home.environment, PATH: `${join(stub, '..')}:${home.environment['PATH']}` } });
    const told = readFileSync(join(home.directory, 'arguments'), 'utf8');
    assert.ok(told.includes(`--secret=id=npmrc,src=${npmrc}\n`));
    assert.ok(!told.includes('npm_abcdef'));
  });

  it('fails with what the engine said, and leaves nothing half made', async () => {
    const { error, lines } = await run(toBuild('broken:1', `${DOCKERFILE}COPY nothing /nothing\n`));
    assert.ok(isFailure(error, 'image-build-failed'));
    assert.match(error.message, /^buildah build ended with exit code \d+\.$/);
    assert.match(lines.join('\n'), /nothing/);
    assertClean();
    assert.equal(await find(`${registry.host}/test/broken:1`), null);
  });

  it('ends when aborted in the middle, and leaves nothing half made', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    // A registry that takes a request and never answers: the build stands still until it is ended.
    const silent = await startFakeServer(() => { controller.abort(reason); });
    try {
      const build = toBuild('aborted:1', `FROM ${silent.host}/never:1\n`, { buildArgs: { USED: `${registry.host}/` } });
      const { error } = await run(build, { signal: controller.signal });
      assert.equal(error, reason);
      assertClean();
    } finally {
      await silent.stop();
    }
  });

  it('ends what a step of the build runs when aborted', async function () {
    if (!ensureDebianPackages(['busybox-static'])) return this.skip();
    copyFileSync('/bin/busybox', join(home.directory, 'context/busybox'));
    const controller = new AbortController();
    const seconds = `1000.${randomInt(1e9)}`;
    const dockerfile = ['ARG BASE_IMAGE', 'FROM $BASE_IMAGE', 'COPY busybox /busybox', `RUN ["/busybox", "sh", "-c", "echo it runs; exec /busybox sleep ${seconds}"]`, ''];
    const build = toBuild('running:1', dockerfile.join('\n'));
    const { error, lines } = await run(build, {
      signal: controller.signal,
      onLine(line) {
        if (line !== 'it runs') return;
        void until(() => isRunning(seconds)).then(() => { controller.abort(); });
      },
    });
    assert.equal((error as Error).name, 'AbortError', lines.join('\n'));
    assert.ok(!isRunning(seconds));
    assertClean();
  });

  it('checks certificates wherever it is not told that the registry has none', async () => {
    const build = toBuild('secure:1', DOCKERFILE, { plainHttp: false });
    const { error } = await run(build);
    assert.ok(isFailure(error, 'image-build-failed'));
  });

  it('asks podman for the same', async () => {
    const commands = new Map<string, string>();
    for (const engine of [buildah, podman]) {
      const log = join(home.directory, `${engine.name}.log`);
      home.write(`bin/${engine.name}`, `#!/bin/sh\necho "$@" >> ${log}\n`, 0o755);
      const { error } = await run(toBuild('podman:1'), { engine, environment: { ...home.environment, PATH: `${home.directory}/bin:${home.environment['PATH']}` } });
      assert.equal(error, null);
      commands.set(engine.name, readFileSync(log, 'utf8').replaceAll(/barometer-build:[0-9a-f-]+/g, 'list'));
    }
    const said = commands.get('podman')!.trim().split('\n');
    assert.equal(commands.get('podman'), commands.get('buildah'));
    assert.deepEqual(said.map((line) => line.split(' ').slice(0, 2).join(' ')), ['build --platform=linux/amd64', 'build --platform=linux/arm64', 'manifest push', 'manifest rm']);
    assert.ok(said[2]!.endsWith(`--tls-verify=false localhost/list docker://${registry.host}/test/podman:1`));
  });

  /** No working containers, no lists and no temporary files. */
  function assertClean(): void {
    assert.equal(home.buildah('containers', '--quiet'), '');
    assert.ok(!home.buildah('images', '--format={{.Name}}').includes('barometer-build'));
    assert.deepEqual(readdirSync(join(home.directory, 'tmp')).filter((name) => !name.startsWith('buildah-cache')), []);
  }
});

/** Whether a program sleeps for that long. */
function isRunning(seconds: string): boolean {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => readCommand(pid).endsWith(`\0sleep\0${seconds}\0`));
}

function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
