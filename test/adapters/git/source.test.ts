import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach } from 'mocha';
import type { SourceTree } from '../../../adapters/git/source.ts';
import { createGitSource } from '../../../adapters/git/source.ts';
import type { FailureKind } from '../../../domain/failure.ts';
import { isFailure } from '../../../domain/failure.ts';
import type { TestRepository } from '../../support/git-repository.ts';
import { COMMITTED_AT, createTestRepository } from '../../support/git-repository.ts';
import { GIT_SHA } from '../../support/models.ts';

const SOURCE = new URL('../../../adapters/git/source.ts', import.meta.url).href;
const never = new AbortController().signal;

describe('the source of commits', () => {
  let repository: TestRepository;
  let cacheDirectory: string;

  beforeEach('make a repository', () => {
    repository = createTestRepository();
    cacheDirectory = mkdtempSync(join(tmpdir(), 'barometer-cache-'));
  });

  afterEach('remove it', () => {
    repository.remove();
    rmSync(cacheDirectory, { recursive: true });
  });

  function open(name = repository.directory, environment: Readonly<Record<string, string>> = {}) {
    return createGitSource({ repository: name, cacheDirectory, environment: { ...process.env, ...environment } });
  }

  /** The files of a commit's tree by their names, and the tree. */
  async function read(gitSha: string, source = open()): Promise<SourceTree & { readonly files: Record<string, string> }> {
    return source.withTree(gitSha, never, async (tree) => ({ ...tree, files: readFiles(tree.directory) }));
  }

  function countWorktrees(): number {
    return repository.git('worktree', 'list').split('\n').length;
  }

  function fails(kind: FailureKind, pattern: RegExp) {
    return (error: unknown) => {
      assert.ok(isFailure(error, kind), String(error));
      assert.match(error.message, pattern);
      return true;
    };
  }

  describe('in a folder', () => {
    it('lends what was committed, not what lies about', async () => {
      const first = repository.commit({ 'a.txt': 'committed', 'package.json': '{"version":"1.2.3"}' });
      repository.commit({ 'b.txt': 'later' });
      repository.write({ 'a.txt': 'changed', 'new.txt': 'untracked' });
      const { files, version, committedAt } = await read(first);
      assert.deepEqual(files, { 'a.txt': 'committed', 'package.json': '{"version":"1.2.3"}' });
      assert.equal(version, '1.2.3');
      assert.equal(committedAt, COMMITTED_AT);
      assert.equal(readFileSync(join(repository.directory, 'a.txt'), 'utf8'), 'changed');
    });

    it('knows no version where the commit names none', async () => {
      const without = await read(repository.commit({ 'a.txt': '' }));
      const broken = await read(repository.commit({ 'package.json': 'not JSON' }));
      assert.deepEqual([without.version, broken.version], [null, null]);
    });

    it('says where the code comes from, without credentials', async () => {
      const gitSha = repository.commit({ 'a.txt': '' });
      assert.equal((await read(gitSha)).sourceUrl, null);
      repository.git('remote', 'add', 'origin', 'https://someone:s3cret@git.example.com/acme/barometer.git');
      assert.equal((await read(gitSha)).sourceUrl, 'https://git.example.com/acme/barometer');
    });

    it('leaves no tree behind, whether the work succeeds or fails', async () => {
      const gitSha = repository.commit({ 'a.txt': '' });
      const { directory } = await read(gitSha);
      let lent = '';
      const working = open().withTree(gitSha, never, async (tree) => {
        lent = tree.directory;
        assert.equal(countWorktrees(), 2);
        throw new Error('no luck');
      });
      await assert.rejects(working, /no luck/);
      for (const gone of [directory, lent]) assert.ok(!existsSync(dirname(gone)));
      assert.equal(countWorktrees(), 1);
    });

    it('lends trees side by side', async () => {
      const first = repository.commit({ 'a.txt': '1' });
      const second = repository.commit({ 'a.txt': '2' });
      const trees = await Promise.all([read(first), read(second), read(first)]);
      assert.deepEqual(trees.map(({ files }) => files['a.txt']), ['1', '2', '1']);
    });

    it('removes the tree that a killed process left', async () => {
      const gitSha = repository.commit({ 'a.txt': '' });
      const holder = `
        import { createGitSource } from ${JSON.stringify(SOURCE)};
        const source = createGitSource({ repository: ${JSON.stringify(repository.directory)}, cacheDirectory: '', environment: process.env });
        setInterval(() => {}, 1000);
        await source.withTree('${gitSha}', new AbortController().signal, ({ directory }) => new Promise(() => console.log(directory)));
      `;
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', holder], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [left] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
      // It is in use as long as its process lives.
      await read(gitSha);
      assert.ok(existsSync(left));
      child.kill('SIGKILL');
      await once(child, 'exit');
      await read(gitSha);
      assert.ok(!existsSync(dirname(left)));
      assert.equal(countWorktrees(), 1);
    });

    it('runs none of the hooks', async () => {
      const gitSha = repository.commit({ 'a.txt': '' });
      const trace = join(repository.directory, 'hooked');
      repository.write({ '.git/hooks/post-checkout': `#!/bin/sh\ntouch ${trace}\n` });
      chmodSync(join(repository.directory, '.git/hooks/post-checkout'), 0o755);
      await read(gitSha);
      assert.ok(!existsSync(trace));
      repository.git('checkout', '--quiet', '--detach');
      assert.ok(existsSync(trace), 'this hook would have been seen');
    });

    it('is not led astray by the environment of a hook', async () => {
      const other = createTestRepository();
      try {
        const gitSha = repository.commit({ 'a.txt': 'right' });
        const { files } = await read(gitSha, open(repository.directory, { GIT_DIR: join(other.directory, '.git'), GIT_INDEX_FILE: join(other.directory, 'index') }));
        assert.equal(files['a.txt'], 'right');
      } finally {
        other.remove();
      }
    });

    it('fetches a commit that only the origin has', async () => {
      const gitSha = repository.commit({ 'a.txt': 'far' });
      const clone = createTestRepository();
      try {
        clone.git('remote', 'add', 'origin', repository.directory);
        const { files } = await read(gitSha, open(clone.directory));
        assert.deepEqual(files, { 'a.txt': 'far' });
        assert.equal(clone.git('branch', '--all'), '', 'nothing else of the clone changes');
      } finally {
        clone.remove();
      }
    });

    it('says what to do about a commit that nobody has', async () => {
      repository.commit({ 'a.txt': '' });
      await assert.rejects(read(GIT_SHA), fails('not-found', /^Commit 1a2b3c4.* has no origin to ask\. Commit or push it/));
      repository.git('remote', 'add', 'origin', join(repository.directory, 'nowhere'));
      await assert.rejects(read(GIT_SHA), fails('not-found', /origin does(n't| not)? give|nor does its origin/));
    });

    it('says when it is no repository', async () => {
      const source = open(cacheDirectory, { GIT_CEILING_DIRECTORIES: tmpdir() });
      await assert.rejects(read(GIT_SHA, source), fails('configuration-invalid', /BAROMETER_REPOSITORY/));
      assert.match((await source.whyNot())!, /is no git repository/);
      assert.match((await open(join(cacheDirectory, 'gone')).whyNot())!, /git can't be run/);
      assert.equal(await open().whyNot(), null);
    });

    it('stops when aborted, and leaves nothing', async () => {
      const gitSha = repository.commit({ 'a.txt': '' });
      const controller = new AbortController();
      const reason = new Error('cancelled');
      controller.abort(reason);
      const working = open().withTree(gitSha, controller.signal, () => Promise.reject(new Error('it worked')));
      await assert.rejects(working, reason);
      assert.equal(countWorktrees(), 1);
    });
  });

  describe('by a URL', () => {
    it('lends a commit, and keeps what it has fetched for the next time', async () => {
      const gitSha = repository.commit({ 'a.txt': 'far', 'package.json': '{"version":"2.0.0"}' });
      repository.commit({ 'a.txt': 'newer' });
      const source = open(pathToFileURL(repository.directory).href);
      const { files, version, committedAt } = await read(gitSha, source);
      assert.deepEqual([files['a.txt'], version, committedAt], ['far', '2.0.0', COMMITTED_AT]);
      repository.remove();
      assert.equal((await read(gitSha, source)).files['a.txt'], 'far');
    });

    it('keeps no URL, for it may hold a password', async () => {
      const gitSha = repository.commit({ 'a.txt': 'far' });
      const url = pathToFileURL(repository.directory).href;
      await read(gitSha, open(url));
      const [mirror] = readdirSync(cacheDirectory);
      assert.ok(!readFileSync(join(cacheDirectory, mirror!, 'config'), 'utf8').includes(url));
      assert.ok(!existsSync(join(cacheDirectory, mirror!, 'FETCH_HEAD')));
    });

    it('finds a commit on a branch of a server that gives out branches only', async () => {
      const gitSha = repository.commit({ 'a.txt': 'first' });
      repository.commit({ 'a.txt': 'second' });
      // The older protocol lets a client ask for what is advertised only.
      const { files } = await read(gitSha, open(pathToFileURL(repository.directory).href, { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'protocol.version', GIT_CONFIG_VALUE_0: '0' }));
      assert.equal(files['a.txt'], 'first');
    });

    it('tells a commit that is not there from a repository that is not there, and shows no password', async () => {
      repository.commit({ 'a.txt': '' });
      await assert.rejects(read(GIT_SHA, open(pathToFileURL(repository.directory).href)), fails('not-found', /push it/));
      await assert.rejects(read(GIT_SHA, open('http://someone:s3cret@127.0.0.1:1/x.git')), (error) => {
        assert.ok(!String((error as Error).stack).includes('s3cret'));
        return fails('dependency-unavailable', /^The git repository http:\/\/127\.0\.0\.1:1\/x\.git does not answer/)(error);
      });
    });
  });
});

function readFiles(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile() && entry.name !== '.git');
  return Object.fromEntries(entries.map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'utf8')]));
}
