import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'mocha';
import { countCommits, findMailAddress, hasUncommittedChanges, readHead, resolveCommit } from '../../cli/git.ts';
import { isFailure } from '../../domain/failure.ts';

describe('git', () => {
  let directory: string;

  beforeEach('make an empty directory', () => {
    directory = mkdtempSync(join(tmpdir(), 'barometer-git-'));
  });

  afterEach('remove it', () => {
    rmSync(directory, { recursive: true });
  });

  function git(...args: string[]): string {
    const settings = ['user.name=A', 'user.email=a@example.org', 'init.defaultBranch=main', 'commit.gpgsign=false'].flatMap((setting) => ['-c', setting]);
    return execFileSync('git', [...settings, ...args], { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  }

  function commit(content: string): string {
    writeFileSync(join(directory, 'file'), content);
    git('add', 'file');
    git('commit', '-m', content);
    return git('rev-parse', 'HEAD');
  }

  it('tells the commit that is checked out, in full', async () => {
    git('init');
    commit('one');
    const head = commit('two');
    assert.match(head, /^[0-9a-f]{40}$/);
    assert.equal(await readHead(directory), head);
  });

  it('finds a commit by branch, tag, short sha and relation', async () => {
    git('init');
    const first = commit('one');
    git('tag', '-a', 'v1', '-m', 'annotated: the tag is an object of its own');
    const second = commit('two');
    assert.equal(await resolveCommit('main', directory), second);
    assert.equal(await resolveCommit('v1', directory), first);
    assert.equal(await resolveCommit(first.slice(0, 7), directory), first);
    assert.equal(await resolveCommit('HEAD~1', directory), first);
  });

  it('takes a full id as it is, also of a commit that is not here', async () => {
    assert.equal(await resolveCommit('A1'.repeat(20), directory), 'a1'.repeat(20));
  });

  it('refuses a name that is none here, and one that looks like an option', async () => {
    git('init');
    commit('one');
    for (const name of ['no-such-branch', 'abcdef1', '--all', '']) {
      await assert.rejects(resolveCommit(name, directory), (error) => isFailure(error, 'input-invalid') && error.message.includes(`"${name}"`));
    }
  });

  it('says what to do outside a repository, and in one without a commit', async () => {
    await assert.rejects(readHead(directory), (error) => isFailure(error, 'input-invalid') && error.message.includes('--git-sha'));
    git('init');
    await assert.rejects(readHead(directory), (error) => isFailure(error, 'input-invalid') && error.message.includes('--git-sha'));
  });

  it('counts the commits that only one of two has', async () => {
    git('init');
    const first = commit('one');
    const second = commit('two');
    assert.deepEqual(await countCommits(first, second, directory), { onlyA: 0, onlyB: 1 });
    assert.deepEqual(await countCommits(second, first, directory), { onlyA: 1, onlyB: 0 });
    assert.equal(await countCommits(first, 'f'.repeat(40), directory), null);
  });

  it('knows whom commits are by, where git does', async () => {
    git('init');
    git('config', 'user.email', 'kim@example.com');
    assert.equal(await findMailAddress(directory), 'kim@example.com');
    git('config', 'user.email', '');
    assert.equal(await findMailAddress(directory), null);
  });

  it('sees changes that no commit holds, but not files that it was never told of', async () => {
    git('init');
    commit('one');
    writeFileSync(join(directory, 'untracked'), '');
    assert.equal(await hasUncommittedChanges(directory), false);
    writeFileSync(join(directory, 'file'), 'changed');
    assert.equal(await hasUncommittedChanges(directory), true);
  });
});
