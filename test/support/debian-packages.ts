import { spawnSync } from 'node:child_process';

/** Longer than anyone takes to install a few packages, so that a test waits for another one that is at it. */
const LOCK_LIMIT_SECONDS = 300;
const INSTALL_LIMIT_MS = 900_000;

/**
 * Whether the tools of these Debian packages are there; those that lack are installed where this process may do so (as
 * root, on Debian and its kin). Where not, it says on standard error what lacks and what to do, and the test skips itself:
 *
 *     before(function () {
 *       if (!ensureDebianPackages(['buildah', 'skopeo'])) this.skip();
 *     });
 */
export function ensureDebianPackages(names: readonly string[]): boolean {
  const missing = findMissing(names);
  if (missing.length === 0) return true;
  const why = install(missing);
  if (why === null) return true;
  console.error(`These tests are skipped: ${why}. They need the Debian packages ${names.join(' ')}; missing: ${missing.join(' ')}.`);
  return false;
}

function findMissing(names: readonly string[]): string[] {
  return names.filter((name) => {
    const { status, stdout } = spawnSync('dpkg-query', ['--show', '--showformat=${db:Status-Status}', name], { encoding: 'utf8' });
    return status !== 0 || stdout !== 'installed';
  });
}

/** Null when it is done, else why it could not be done. */
function install(names: readonly string[]): string | null {
  if (spawnSync('apt-get', ['--version']).status !== 0) return 'this machine has no apt-get';
  if (process.getuid?.() !== 0) return 'only root can install what is missing';
  const apt = (...args: string[]) =>
    spawnSync('apt-get', ['-q', '-y', '-o', `DPkg::Lock::Timeout=${LOCK_LIMIT_SECONDS}`, ...args], {
      encoding: 'utf8',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: INSTALL_LIMIT_MS,
    });
  const args = ['install', '--no-install-recommends', ...names];
  // Lists of packages may be absent, or too old to be true.
  if (apt(...args).status === 0 || (apt('update').status === 0 && apt(...args).status === 0)) return null;
  return 'apt-get could not install what is missing';
}
