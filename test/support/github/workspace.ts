import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onExit } from '../../../setup/on-exit.js';
import { REPOSITORY } from '../barometer.ts';

/** A checkout of this repository as it is now, uncommitted changes and all, as a commit of its own. */
export interface Workspace {
  readonly directory: string;
  readonly gitSha: string;
  /** Another commit, of nothing new: a run of its own. Returns its git-sha. */
  commit(): string;
  remove(): void;
}

export function createWorkspace(): Workspace {
  const directory = mkdtempSync(join(tmpdir(), 'barometer-workspace-'));
  const forget = onExit(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  for (const file of listFiles()) {
    mkdirSync(join(directory, dirname(file)), { recursive: true });
    cpSync(join(REPOSITORY, file), join(directory, file));
  }
  linkPackages(directory);

  const git = (...args: string[]) => execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false', ...args], { cwd: directory, encoding: 'utf8', stdio: 'pipe' }).trim();
  const commit = (): string => {
    git('commit', '--quiet', '--allow-empty', '--message=A change');
    return git('rev-parse', 'HEAD');
  };
  git('init', '--quiet', '--initial-branch=main');
  git('remote', 'add', 'origin', 'https://github.com/acme/barometer.git');
  git('add', '--all');
  return {
    directory,
    gitSha: commit(),
    commit,
    remove() {
      forget();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What git knows or would take in. */
function listFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: REPOSITORY, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return listed.split('\0').filter((file) => file !== '' && existsSync(join(REPOSITORY, file)));
}

/** Package by package: a set-up that thinks them wrong and begins anew deletes links, and nothing else. */
function linkPackages(directory: string): void {
  const from = join(REPOSITORY, 'node_modules');
  const to = join(directory, 'node_modules');
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    const path = join(from, name);
    if (lstatSync(path).isFile()) cpSync(path, join(to, name));
    else symlinkSync(path, join(to, name));
  }
}
