import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CancelledFailure } from '@temporalio/common';
import type { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, before, beforeEach } from 'mocha';
import type { BuildImageDependencies, BuildImageRequest } from '../../activities/build-image.ts';
import { createBuildImageActivities } from '../../activities/build-image.ts';
import { createImageBuilder } from '../../adapters/containers/image-builder.ts';
import { createRegistry } from '../../adapters/containers/registry.ts';
import { createGitSource } from '../../adapters/git/source.ts';
import type { ImageConfig } from '../../config/images.ts';
import type { BuiltImage } from '../../domain/container-image.ts';
import { IMAGE_LABELS } from '../../domain/container-image.ts';
import type { FailureKind } from '../../domain/failure.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { EngineHome } from '../support/container-engines.ts';
import { createEngineHome, pushTinyBase } from '../support/container-engines.ts';
import { ensureDebianPackages } from '../support/debian-packages.ts';
import type { TestRepository } from '../support/git-repository.ts';
import { COMMITTED_AT, createTestRepository } from '../support/git-repository.ts';
import { GIT_SHA } from '../support/models.ts';
import { REGISTRY_USER, startRegistry, useRegistry } from '../support/registry.ts';
import { createActivityEnvironment } from '../support/run-activity.ts';

const RUN = '20261124T015500Z-1a2b3c4';
const DOCKERFILE = ['ARG BASE_IMAGE', 'FROM $BASE_IMAGE', 'COPY . /app', ''].join('\n');

interface Built {
  readonly result: BuiltImage;
  readonly notes: readonly string[];
}

/** Runs the activity as a worker would, and keeps what it told of itself. */
async function runBuild(dependencies: BuildImageDependencies, gitSha: string, environment: MockActivityEnvironment = createActivityEnvironment()): Promise<Built> {
  const notes: string[] = [];
  environment.on('heartbeat', (details: { note: string } | undefined) => {
    if (details !== undefined) notes.push(details.note);
  });
  const { buildImage } = createBuildImageActivities(dependencies);
  const result: BuiltImage = await environment.run(buildImage, { runName: RUN, gitSha, image: 'api' as const } satisfies BuildImageRequest);
  return { result, notes };
}

function fails(kind: FailureKind, pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(isFailure(error, kind), String(error));
    assert.match(error.message, pattern);
    assert.ok(!error.message.includes(REGISTRY_USER.password));
    return true;
  };
}

describe('buildImage', () => {
  describe('with a real engine, registry and repository', () => {
    const registry = useRegistry();
    const locked = useRegistry({ isLocked: true });
    let base: string;
    let home: EngineHome;
    let repository: TestRepository;
    let logs: Map<string, string>;

    before('push a base image', async function () {
      if (!ensureDebianPackages(['buildah', 'skopeo'])) return this.skip();
      base = await pushTinyBase(registry.host);
    });

    beforeEach('make a home and a repository', () => {
      home = createEngineHome();
      home.pullPlainFrom(registry.host);
      repository = createTestRepository();
      logs = new Map();
    });

    afterEach('remove them', () => {
      home.remove();
      repository.remove();
    });

    /** Joined as a worker joins them. */
    function joinParts(name: string, changed: Partial<ImageConfig> = {}, { host = registry.host, from = repository.directory } = {}): BuildImageDependencies {
      const images: ImageConfig = {
        repository: `${host}/${name}`,
        images: ['api'],
        platforms: ['linux/amd64', 'linux/arm64'],
        engine: 'buildah',
        baseImage: base,
        buildImage: null,
        plainHttp: true,
        sbomGenerator: null,
        ...changed,
      };
      const { environment } = home;
      const real = createRegistry({ plainHttpHost: host, environment });
      return {
        images,
        registry: real,
        source: createGitSource({ repository: from, cacheDirectory: join(home.directory, 'cache'), environment }),
        builder: createImageBuilder({ images, environment, registry: real }),
        runs: {
          saveBuildLog(runName, image, text) {
            logs.set(`${runName} ${image}`, text);
            return Promise.resolve();
          },
        },
      };
    }

    const commit = (files: Readonly<Record<string, string>> = {}) => repository.commit({ 'docker/api/Dockerfile': DOCKERFILE, 'package.json': '{"version":"1.2.3"}', ...files });
    const log = () => logs.get(`${RUN} api`);
    const inspect = (reference: string, ...options: string[]) => execFileSync('skopeo', ['inspect', '--tls-verify=false', ...options, `docker://${reference}`], { encoding: 'utf8' });

    /** The files of an image below /app. */
    function listFiles(reference: string): string[] {
      home.buildah('pull', '--quiet', '--tls-verify=false', reference);
      const container = home.buildah('from', '--pull-never', reference);
      const files = readdirSync(home.buildah('mount', container) + '/app', { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile()).map((entry) => entry.name);
      home.buildah('rm', container);
      return files.sort();
    }

    it('builds what was committed, not what lies about, for each platform, and says what it is', async () => {
      repository.git('remote', 'add', 'origin', 'https://someone:s3cret@git.example.com/acme/barometer.git');
      const gitSha = commit({ 'code.ts': 'committed', '.dockerignore': '.git\n' });
      repository.write({ 'code.ts': 'changed', 'untracked.ts': 'never committed' });
      const { result, notes } = await runBuild(joinParts('fresh'), gitSha);
      const reference = `${registry.host}/fresh/api:${gitSha}`;
      assert.deepEqual(result, { image: 'api', reference, digest: inspect(reference, '--format={{.Digest}}').trim(), isNew: true });
      for (const platform of ['amd64', 'arm64']) {
        const { architecture, config } = JSON.parse(inspect(reference, '--config', `--override-arch=${platform}`)) as { architecture: string; config: { Labels: Record<string, string> } };
        assert.equal(architecture, platform);
        const { [IMAGE_LABELS.title]: title, [IMAGE_LABELS.revision]: revision, [IMAGE_LABELS.created]: created, [IMAGE_LABELS.version]: version, [IMAGE_LABELS.source]: source } = config.Labels;
        assert.deepEqual(
          { title, revision, created, version, source },
          { title: 'barometer-api', revision: gitSha, created: COMMITTED_AT, version: '1.2.3', source: 'https://git.example.com/acme/barometer' },
        );
      }
      assert.deepEqual(listFiles(reference), ['.dockerignore', 'Dockerfile', 'code.ts', 'package.json']);
      assert.match(log()!, /^linux\/amd64:$[^]*^STEP 2\/\d+: COPY \. \/app$[^]*^linux\/arm64:$/m);
      assert.match(notes[0]!, /^api: checking out [0-9a-f]{7}$/);
      assert.ok(notes.some((note) => /^api: STEP 2\/\d+: COPY/.test(note)), notes.join('\n'));
    });

    it('does nothing about an image that the registry has, without any engine', async () => {
      const gitSha = commit();
      const first = await runBuild(joinParts('twice'), gitSha);
      logs.clear();
      const nothing = () => assert.fail('it did something');
      const second = await runBuild({ ...joinParts('twice'), builder: { build: nothing }, source: { withTree: nothing } }, gitSha);
      assert.deepEqual(second.result, { ...first.result, isNew: false });
      assert.equal(logs.size, 0, 'the log of the build stays as it is');
    });

    it('builds from a repository that is named by a URL', async () => {
      const gitSha = commit();
      commit({ 'later.ts': '' });
      const { result } = await runBuild(joinParts('far', {}, { from: pathToFileURL(repository.directory).href }), gitSha);
      assert.ok(result.isNew);
      assert.ok(!listFiles(result.reference).includes('later.ts'));
    });

    it('fails with the last lines of a build that broke, and keeps its whole log', async () => {
      home.write('.npmrc', '//npm.example/:_authToken=npm_abcdef');
      const gitSha = commit({ 'docker/api/Dockerfile': `${DOCKERFILE}COPY npm_abcdef /nowhere\n` });
      await assert.rejects(runBuild(joinParts('broken'), gitSha), (error) => {
        fails('image-build-failed', /^The image api could not be built: buildah build ended with exit code \d+\. The whole log is in runs\/20261124T015500Z-1a2b3c4\/images\/api\.log\. Its last lines:\n/)(error);
        const { message } = error as Failure;
        assert.match(message, /STEP 3\/\d+: COPY \*\*\* \/nowhere/);
        assert.ok(message.split('\n').length <= 16);
        return true;
      });
      assert.match(log()!, /for linux\/amd64, linux\/arm64 with buildah/);
      assert.ok(!log()!.includes('npm_abcdef'));
      assert.equal(repository.git('worktree', 'list').split('\n').length, 1);
    });

    it('fails when the commit has no such image', async () => {
      const gitSha = repository.commit({ 'package.json': '{}' });
      await assert.rejects(runBuild(joinParts('absent'), gitSha), fails('image-build-failed', /Dockerfile/));
    });

    it('stops when cancelled in the middle, and leaves nothing half made', async () => {
      const environment = createActivityEnvironment();
      // It takes connections and never says a word: the build stands still until it is ended.
      const silent = createServer((socket) => {
        socket.on('error', () => undefined);
        environment.cancel();
      });
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      try {
        const gitSha = commit();
        const dependencies = joinParts('cancelled', { baseImage: `127.0.0.1:${(silent.address() as AddressInfo).port}/never:1` });
        await assert.rejects(runBuild(dependencies, gitSha, environment), CancelledFailure);
        assert.match(log()!, /with buildah/);
        assert.equal(await dependencies.registry.findImage(`${registry.host}/cancelled/api:${gitSha}`, new AbortController().signal), null);
        assert.equal(home.buildah('containers', '--quiet'), '');
        assert.deepEqual(readdirSync(join(home.directory, 'tmp')).filter((name) => !name.startsWith('buildah-cache')), []);
        assert.equal(repository.git('worktree', 'list').split('\n').length, 1);
      } finally {
        silent.close();
      }
    });

    it('waits for a registry that is down', async () => {
      const away = await startRegistry();
      await away.stop();
      await assert.rejects(runBuild(joinParts('x', {}, { host: away.host }), commit()), fails('dependency-unavailable', /can't be reached/));
    });

    it('waits for a registry that goes down while it builds', async () => {
      const going = await startRegistry();
      const gitSha = commit();
      const dependencies = joinParts('x', {}, { host: going.host });
      const { builder } = dependencies;
      const leaving: BuildImageDependencies['builder'] = {
        async build(build, options) {
          await going.stop();
          await builder.build(build, options);
        },
      };
      await assert.rejects(runBuild({ ...dependencies, builder: leaving }, gitSha), fails('dependency-unavailable', /can't be reached/));
      assert.match(log()!, /COMMIT/, 'it did build');
    });

    it('asks to sign in where nobody did, or wrongly, before it builds', async () => {
      const gitSha = commit();
      const dependencies = joinParts('mine', {}, { host: locked.host });
      const refused = fails('access-denied', new RegExp(`docker login ${locked.host}`));
      await assert.rejects(runBuild(dependencies, gitSha), refused);
      home.signIn(locked.host, { ...REGISTRY_USER, password: 'guessed' });
      await assert.rejects(runBuild(dependencies, gitSha), refused);
      assert.equal(logs.size, 0);
    });

    it('pushes with what docker login left, and tells nobody', async () => {
      home.signIn(locked.host, REGISTRY_USER);
      const { result, notes } = await runBuild(joinParts('mine', {}, { host: locked.host }), commit());
      assert.ok(result.isNew);
      const told = JSON.stringify([result, notes, log()]);
      for (const secret of [REGISTRY_USER.password, Buffer.from(`${REGISTRY_USER.name}:${REGISTRY_USER.password}`).toString('base64')]) assert.ok(!told.includes(secret));
    });

    it('never replaces a tag that is something else', async () => {
      const gitSha = commit();
      const reference = `${registry.host}/taken/api:${gitSha}`;
      execFileSync('skopeo', ['copy', '--quiet', '--all', '--src-tls-verify=false', '--dest-tls-verify=false', `docker://${base}`, `docker://${reference}`]);
      const digest = inspect(reference, '--format={{.Digest}}');
      await assert.rejects(runBuild(joinParts('taken'), gitSha), fails('configuration-invalid', /exists, but its image for linux\/amd64 does not say what it was built from\. Delete that tag/));
      assert.equal(inspect(reference, '--format={{.Digest}}'), digest);
    });

    it('never replaces an image that is there for fewer platforms', async () => {
      const gitSha = commit();
      await runBuild(joinParts('fewer', { platforms: ['linux/amd64'] }), gitSha);
      await assert.rejects(runBuild(joinParts('fewer'), gitSha), fails('configuration-invalid', /exists, but not for linux\/arm64\./));
      assert.equal((await runBuild(joinParts('fewer', { platforms: ['linux/amd64'] }), gitSha)).result.isNew, false);
    });

    it('says what to do about a commit that is not there', async () => {
      commit();
      await assert.rejects(runBuild(joinParts('x'), GIT_SHA), fails('not-found', /Commit or push it/));
    });
  });

  describe('among doubles', () => {
    const labels = new Map([['linux/amd64', { [IMAGE_LABELS.revision]: GIT_SHA }]]);
    const tree = { directory: '/tree', committedAt: COMMITTED_AT, version: null, sourceUrl: null };

    /** Whose build says these lines and then ends well, or fails as the engine does. */
    function setUp(lines: readonly string[] = [], { fails: hasFailed = false, isPushed = true, ...changed }: Partial<BuildImageDependencies> & { fails?: boolean; isPushed?: boolean } = {}) {
      let isBuilt = false;
      const saved: string[] = [];
      const dependencies: BuildImageDependencies = {
        images: { repository: 'ghcr.io/acme/barometer', platforms: ['linux/amd64'] },
        registry: {
          findImage: () => Promise.resolve(isBuilt && isPushed ? { digest: 'sha256:0', labels } : null),
          checkPush: () => Promise.resolve(),
        },
        source: { withTree: (_gitSha, _signal, work) => work(tree) },
        builder: {
          build(_build, { onLine }) {
            for (const line of lines) onLine(line);
            if (hasFailed) return Promise.reject(new Failure('image-build-failed', 'The engine ended.'));
            isBuilt = true;
            return Promise.resolve();
          },
        },
        runs: {
          saveBuildLog(_runName, _image, text) {
            saved.push(text);
            return Promise.resolve();
          },
        },
        ...changed,
      };
      return { dependencies, saved };
    }

    const full = { saveBuildLog: () => Promise.reject(new Failure('dependency-unavailable', 'The storage is away.')) };

    it('needs a registry', async () => {
      const { dependencies } = setUp([], { images: { repository: null, platforms: [] } });
      await assert.rejects(runBuild(dependencies, GIT_SHA), fails('configuration-invalid', /BAROMETER_IMAGE_REPOSITORY/));
    });

    it('leaves labels out that nobody knows', async () => {
      const { dependencies } = setUp();
      let told: Readonly<Record<string, string>> = {};
      const { build } = dependencies.builder;
      const builder: BuildImageDependencies['builder'] = {
        build(what, options) {
          told = what.labels;
          return build(what, options);
        },
      };
      await runBuild({ ...dependencies, builder }, GIT_SHA);
      assert.deepEqual(Object.keys(told).sort(), [IMAGE_LABELS.created, IMAGE_LABELS.revision, IMAGE_LABELS.title].sort());
    });

    it('tells one short line at a time', async () => {
      const { dependencies, saved } = setUp(['first', '   ', 'x'.repeat(500)]);
      const { notes } = await runBuild(dependencies, GIT_SHA);
      assert.deepEqual(notes.slice(1), ['api: first', `api: ${'x'.repeat(115)}`]);
      assert.deepEqual(saved, [`first\n   \n${'x'.repeat(500)}\n`]);
    });

    it('repeats no more than the last fifteen lines, and no long ones in full', async () => {
      const { dependencies } = setUp([...Array.from({ length: 40 }, (_, index) => `line ${index}`), 'x'.repeat(5_000)], { fails: true });
      await assert.rejects(runBuild(dependencies, GIT_SHA), (error) => {
        const [, ...tail] = (error as Failure).message.split('\n');
        assert.equal(tail.length, 15);
        assert.equal(tail[0], '  line 26');
        assert.equal(tail.at(-1), `  ${'x'.repeat(300)}`);
        return fails('image-build-failed', /The engine ended\./)(error);
      });
    });

    it('says that the build broke also when its log can not be kept', async () => {
      const { dependencies } = setUp(['a line'], { fails: true, runs: full });
      await assert.rejects(runBuild(dependencies, GIT_SHA), fails('image-build-failed', /a line/));
    });

    it('is tried again when the log of a good build can not be kept', async () => {
      const { dependencies } = setUp(['a line'], { runs: full });
      await assert.rejects(runBuild(dependencies, GIT_SHA), fails('dependency-unavailable', /storage/));
      assert.equal((await runBuild(dependencies, GIT_SHA)).result.isNew, false);
    });

    it('believes the registry, not the engine', async () => {
      const { dependencies } = setUp([], { isPushed: false });
      await assert.rejects(runBuild(dependencies, GIT_SHA), fails('image-build-failed', /the registry does not know it/));
    });

    it('takes no image of another commit for its own', async () => {
      const other = new Map([['linux/amd64', { [IMAGE_LABELS.revision]: 'f'.repeat(40) }]]);
      const { dependencies } = setUp([], { registry: { findImage: () => Promise.resolve({ digest: 'sha256:0', labels: other }), checkPush: () => assert.fail('it went on') } });
      await assert.rejects(runBuild(dependencies, GIT_SHA), fails('configuration-invalid', /was built from something else \(f{40}\)/));
    });
  });
});
