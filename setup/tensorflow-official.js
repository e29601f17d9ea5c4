import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ensureInCache, logFile } from './cache.js';
import { runCommand } from './command.js';
import { SetupProblem } from './problem.js';
import { step } from './progress.js';

const REACH_LIMIT_MS = 10_000;
const INSTALL_LIMIT_MS = 900_000;

/** The cache entry of what {@link installOfficial} leaves. */
export const officialAddon = `tfjs-node-4.22.0-official-${process.platform}-${process.arch}`;

/**
 * Runs tfjs-node's own install script, which downloads libtensorflow and a compiled addon, and moves both to the cache.
 *
 * @param {string} root the repository, with its node_modules
 * @returns {Promise<string>} the directory with `lib/` and `deps/`
 */
export async function installOfficial(root) {
  const log = logFile('tensorflow');
  const own = join(root, 'node_modules', '@tensorflow', 'tfjs-node');
  const host = process.env['TFJS_NODE_CDN_STORAGE'] ?? 'https://storage.googleapis.com/';
  await checkReach(host);
  return step('running the install script of tfjs-node', () =>
    ensureInCache(officialAddon, async (dir) => {
      for (const name of ['deps', 'lib']) rmSync(join(own, name), { recursive: true, force: true });
      const env = { PATH: [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter) };
      await runCommand(process.execPath, [join('scripts', 'install.js')], { cwd: own, env, log, timeoutMs: INSTALL_LIMIT_MS });
      // The script may end well without an addon.
      if (!existsSync(join(own, 'lib'))) throw new SetupProblem(`the install script of tfjs-node left no addon; see ${log}`);
      for (const name of ['deps', 'lib']) move(join(own, name), join(dir, name));
      const addon = join(dir, 'lib', 'napi-v8', 'tfjs_binding.node');
      await runCommand(process.execPath, ['--eval', `require(${JSON.stringify(addon)})`], { log });
    }),
  );
}

/**
 * The script itself would wait for minutes on a network that swallows what it is sent.
 *
 * @param {string} host
 */
async function checkReach(host) {
  // Node 20's fetch doesn't know of proxies, the script does.
  if (process.env['HTTPS_PROXY'] ?? process.env['https_proxy']) return;
  await fetch(host, { method: 'HEAD', signal: AbortSignal.timeout(REACH_LIMIT_MS) }).catch((error) => {
    throw new SetupProblem(`${host} can't be reached (${error.cause?.code ?? error.name})`);
  });
}

/**
 * @param {string} from
 * @param {string} to
 */
function move(from, to) {
  try {
    renameSync(from, to);
  } catch {
    // The cache may be on another file system.
    cpSync(from, to, { recursive: true, verbatimSymlinks: true });
    rmSync(from, { recursive: true });
  }
}
