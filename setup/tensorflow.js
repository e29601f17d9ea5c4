import { existsSync, lstatSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { inCache } from './cache.js';
import { SetupProblem, toReport } from './problem.js';
import { buildFromWheel, fetchLibrary, toWheelAddon } from './tensorflow-wheel.js';
import { installOfficial, officialAddon } from './tensorflow-official.js';

const PACKAGE = join('node_modules', '@tensorflow', 'tfjs-node');
// Node 20 and later have N-API 8 and more, and 8 is the newest that tfjs-node knows.
const ADDON = join('lib', 'napi-v8', 'tfjs_binding.node');

/**
 * Makes `@tensorflow/tfjs-node` loadable: gives its package the compiled addon (`lib/`) and libtensorflow (`deps/`) that its
 * own install script would have downloaded, as links into the cache, so that after an `npm ci` they are back at once.
 *
 * On Linux they come from the TensorFlow wheel on PyPI and a C++ compiler, one version for x64 and arm64; elsewhere, or
 * where that fails, from tfjs-node's own install script. `BAROMETER_TENSORFLOW` ("wheel" or "official") allows only one.
 *
 * @param {string} root the repository
 * @param {Promise<unknown>} packages settles when node_modules is there; downloads don't wait for it
 * @returns {Promise<void>}
 */
export async function ensureTensorflow(root, packages) {
  const only = process.env['BAROMETER_TENSORFLOW'];
  const ways = [
    { name: 'wheel', addon: toWheelAddon(process.arch), prefetch: fetchLibrary, install: buildFromWheel },
    { name: 'official', addon: officialAddon, prefetch: async () => {}, install: installOfficial },
  ].filter(({ name }) => (only ? name === only : name === 'official' || process.platform === 'linux'));
  if (ways.length === 0) throw new SetupProblem(`BAROMETER_TENSORFLOW is "${only}"; it may be "wheel" or "official"`);

  const target = join(root, PACKAGE);
  const cached = ways.find(({ addon }) => existsSync(inCache(join(addon, ADDON))));
  const prefetched = cached || isReady(target) ? undefined : ways[0]?.prefetch().catch(() => {});
  await packages;
  if (isReady(target)) return;
  if (cached) return link(inCache(cached.addon), target);
  await prefetched;

  const failures = [];
  for (const way of ways) {
    try {
      return link(await way.install(root), target);
    } catch (error) {
      failures.push(`${way.name}: ${toReport(error)}`);
    }
  }
  throw new SetupProblem(
    `Native TensorFlow, which trains the network, could not be installed.\n\n${failures.join('\n\n')}\n\n` +
      'What usually helps: a C++ compiler and Python with pip (on Debian: apt-get install g++ python3-pip), and access to ' +
      'PyPI; or access to storage.googleapis.com. Then start again.',
  );
}

/**
 * Whether the package has an addon: a link of ours that leads somewhere, or what its own install script left.
 *
 * @param {string} target
 */
function isReady(target) {
  if (!existsSync(join(target, ADDON)) || !existsSync(join(target, 'deps'))) return false;
  const lib = join(target, 'lib');
  if (!lstatSync(lib).isSymbolicLink()) return true;
  // Of these versions, that is: a link to an older one must be replaced.
  return [toWheelAddon(process.arch), officialAddon].includes(basename(dirname(readlinkSync(lib))));
}

/**
 * @param {string} addon
 * @param {string} target
 */
function link(addon, target) {
  for (const name of ['deps', 'lib']) {
    const temporary = join(target, `${name}.${process.pid}`);
    symlinkSync(join(addon, name), temporary);
    if (existsSync(join(target, name)) && !lstatSync(join(target, name)).isSymbolicLink()) rmSync(join(target, name), { recursive: true });
    // A rename replaces an older link in one go, also while another set-up does the same.
    renameSync(temporary, join(target, name));
  }
}
