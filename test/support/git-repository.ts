import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A real git repository in a folder of its own. */
export interface TestRepository {
  readonly directory: string;
  git(...args: string[]): string;
  /** Writes files, without committing them. */
  write(files: Readonly<Record<string, string>>): void;
  /** Commits these files, and returns the git-sha. */
  commit(files: Readonly<Record<string, string>>): string;
  remove(): void;
}

/** Commits are made at this time, whatever the clock says. */
export const COMMITTED_AT = '2026-11-24T01:55:00.000Z';

export function createTestRepository(): TestRepository {
  const directory = mkdtempSync(join(tmpdir(), 'barometer-repository-'));

  function git(...args: string[]): string {
    const dates = { GIT_AUTHOR_DATE: COMMITTED_AT, GIT_COMMITTER_DATE: COMMITTED_AT };
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
    return execFileSync('git', [...identity, ...args], { cwd: directory, encoding: 'utf8', stdio: 'pipe', env: { ...process.env, ...dates } }).trim();
  }

  function write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
  }

  git('init', '--quiet', '--initial-branch=main');
  return {
    directory,
    git,
    write,
    commit(files) {
      write(files);
      git('add', '--all', ...Object.keys(files));
      git('commit', '--quiet', '--allow-empty', '--message=A change');
      return git('rev-parse', 'HEAD');
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
