import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ensureInCache, logFile } from './cache.js';
import { findOnPath, runCommand } from './command.js';
import { ensureCompiler } from './compiler.js';
import { toMachine } from './machine.js';
import { runNpm } from './npm.js';
import { step } from './progress.js';
import { unzip } from './unzip.js';
import { downloadWheel } from './wheel.js';

const TENSORFLOW_VERSION = '2.13.1';
const HEADERS_VERSION = '1.9.0';
// The headers that tfjs-node's C API calls reach.
const HEADERS = ['tensorflow/c/', 'tensorflow/core/platform/', 'tensorflow/tsl/', 'xla/tsl/', 'tsl/'];

/** @param {string} arch */
const toLibrary = (arch) => `libtensorflow-${TENSORFLOW_VERSION}-${arch}`;

/**
 * The cache entry of the addon that {@link buildFromWheel} makes.
 *
 * @param {string} arch as in `process.arch`
 */
export const toWheelAddon = (arch) => `tfjs-node-4.22.0-${toLibrary(arch)}`;

/** @type {Map<string, Promise<string>>} */
const fetching = new Map();

/**
 * libtensorflow and its C headers, out of the TensorFlow wheel on PyPI. Called twice, it fetches once.
 *
 * @param {string} [arch] of whoever will load it
 * @returns {Promise<string>} the directory with `include/` and `lib/`
 */
export function fetchLibrary(arch = process.arch) {
  const title = `fetching libtensorflow ${TENSORFLOW_VERSION} (200 MB, once)`;
  const fetched =
    fetching.get(arch) ?? ensureCompiler(arch).then(() => step(title, () => ensureInCache(toLibrary(arch), (dir) => fillLibrary(dir, arch))));
  fetching.set(arch, fetched);
  return fetched;
}

/**
 * Compiles tfjs-node's addon against the wheel's libtensorflow. It finds the library relative to itself, so the two cache
 * entries move together.
 *
 * @param {string} root the repository, or another directory with its node_modules
 * @param {string} [arch] of whoever will load it
 * @returns {Promise<string>} the directory with `lib/` and `deps/` as tfjs-node expects them
 */
export async function buildFromWheel(root, arch = process.arch) {
  const deps = await fetchLibrary(arch);
  return step('compiling the TensorFlow addon', () => ensureInCache(toWheelAddon(arch), (dir) => compile({ root, arch, deps, dir })));
}

/**
 * @param {string} dir
 * @param {string} arch
 */
async function fillLibrary(dir, arch) {
  const log = logFile('tensorflow');
  const download = join(dir, 'download');
  mkdirSync(download);
  const name = arch === 'arm64' ? 'tensorflow-cpu-aws' : 'tensorflow-cpu';
  const wheel = await downloadWheel({ name, version: TENSORFLOW_VERSION, python: 'cp310', arch: toMachine(arch) }, download, log);
  await unzip(wheel, dir, toLibraryPath);
  rmSync(download, { recursive: true });
  const strip = findStrip(arch);
  // 60 % of the size is symbols on x64, 25 % on arm64.
  if (!strip) return;
  for (const name of readdirSync(join(dir, 'lib'))) await runCommand(strip, ['--strip-unneeded', join(dir, 'lib', name)], { log });
}

/**
 * None for arm64 on such a machine itself: patched by auditwheel, the libraries survive only newer versions of it, and who
 * knows which one is there. The one that comes with Debian's cross compiler is new enough.
 *
 * @param {string} arch
 */
function findStrip(arch) {
  if (arch !== process.arch) return findOnPath(`${toMachine(arch)}-linux-gnu-strip`);
  return arch === 'arm64' ? undefined : findOnPath('strip');
}

/**
 * Where a file of the wheel belongs in the cache entry, if it is wanted.
 *
 * @param {string} name
 * @returns {string | undefined}
 */
export function toLibraryPath(name) {
  if (/^tensorflow\/libtensorflow_(cc|framework)\.so\.2$/.test(name)) return join('lib', basename(name));
  // What auditwheel bundled with the arm64 wheel.
  if (/^[^/]+\.libs\/[^/]+$/.test(name)) return join('lib', basename(name));
  const header = name.endsWith('.h') && name.startsWith('tensorflow/include/') ? name.slice('tensorflow/include/'.length) : '';
  return HEADERS.some((prefix) => header.startsWith(prefix)) ? join('include', header) : undefined;
}

/** @param {{ root: string, arch: string, deps: string, dir: string }} options */
async function compile({ root, arch, deps, dir }) {
  const log = logFile('tensorflow');
  const { command, args, env } = await ensureCompiler(arch);
  const headers = await ensureInCache(`node-api-headers-${HEADERS_VERSION}`, async (headersDir) => {
    writeFileSync(join(headersDir, 'package.json'), '{ "private": true }\n');
    await runNpm(['install', '--ignore-scripts', '--no-audit', '--no-fund', `node-api-headers@${HEADERS_VERSION}`], { cwd: headersDir, log });
  });
  const binding = join(root, 'node_modules', '@tensorflow', 'tfjs-node', 'binding');
  const out = join(dir, 'lib', 'napi-v8');
  mkdirSync(out, { recursive: true });
  symlinkSync(join('..', toLibrary(arch)), join(dir, 'deps'));
  const addon = join(out, 'tfjs_binding.node');
  const flags = ['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8'];
  const includes = [join(deps, 'include'), join(headers, 'node_modules', 'node-api-headers', 'include')].map((path) => `-I${path}`);
  const sources = readdirSync(binding).filter((name) => name.endsWith('.cc')).map((name) => join(binding, name));
  const libraries = ['-L' + join(deps, 'lib'), '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', '-Wl,-rpath,$ORIGIN/../../deps/lib'];
  await runCommand(command, [...args, ...flags, ...includes, ...sources, '-o', addon, ...libraries], { log, env });
  if (arch === process.arch) await runCommand(process.execPath, ['--eval', `require(${JSON.stringify(addon)})`], { log });
}
