import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ensureInCache, logFile } from './cache.js';
import { findOnPath, runCommand } from './command.js';
import { ensureCompiler } from './compiler.js';
import { runNpm } from './npm.js';
import { step } from './progress.js';
import { unzip } from './unzip.js';
import { downloadWheel } from './wheel.js';

const TENSORFLOW_VERSION = '2.13.1';
const HEADERS_VERSION = '1.9.0';
const library = `libtensorflow-${TENSORFLOW_VERSION}-${process.arch}`;
// The headers that tfjs-node's C API calls reach.
const HEADERS = ['tensorflow/c/', 'tensorflow/core/platform/', 'tensorflow/tsl/', 'xla/tsl/', 'tsl/'];

/** The cache entry of the addon that {@link buildFromWheel} makes. */
export const wheelAddon = `tfjs-node-4.22.0-${library}`;

/** @type {Promise<string> | undefined} */
let fetching;

/**
 * libtensorflow and its C headers, out of the TensorFlow wheel on PyPI. Called twice, it fetches once.
 *
 * @returns {Promise<string>} the directory with `include/` and `lib/`
 */
export function fetchLibrary() {
  fetching ??= ensureCompiler().then(() => {
    const title = `fetching libtensorflow ${TENSORFLOW_VERSION} (200 MB, once)`;
    return step(title, () => ensureInCache(library, fillLibrary));
  });
  return fetching;
}

/**
 * Compiles tfjs-node's addon against the wheel's libtensorflow. It finds the library relative to itself, so the two cache
 * entries move together.
 *
 * @param {string} root the repository, with its node_modules
 * @returns {Promise<string>} the directory with `lib/` and `deps/` as tfjs-node expects them
 */
export async function buildFromWheel(root) {
  const deps = await fetchLibrary();
  return step('compiling the TensorFlow addon', () => ensureInCache(wheelAddon, (dir) => compile(root, deps, dir)));
}

/** @param {string} dir */
async function fillLibrary(dir) {
  const log = logFile('tensorflow');
  const download = join(dir, 'download');
  mkdirSync(download);
  const arm = process.arch === 'arm64';
  const source = { name: arm ? 'tensorflow-cpu-aws' : 'tensorflow-cpu', arch: arm ? 'aarch64' : 'x86_64' };
  const wheel = await downloadWheel({ ...source, version: TENSORFLOW_VERSION, python: 'cp310' }, download, log);
  await unzip(wheel, dir, toLibraryPath);
  rmSync(download, { recursive: true });
  const strip = findOnPath('strip');
  // 60 % of the size is symbols. The arm64 libraries are not stripped: patched by auditwheel, they don't always survive it.
  if (!strip || arm) return;
  for (const name of readdirSync(join(dir, 'lib'))) await runCommand(strip, ['--strip-unneeded', join(dir, 'lib', name)], { log });
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

/**
 * @param {string} root
 * @param {string} deps
 * @param {string} dir
 */
async function compile(root, deps, dir) {
  const log = logFile('tensorflow');
  const { command, args, env } = await ensureCompiler();
  const headers = await ensureInCache(`node-api-headers-${HEADERS_VERSION}`, async (headersDir) => {
    writeFileSync(join(headersDir, 'package.json'), '{ "private": true }\n');
    await runNpm(['install', '--ignore-scripts', '--no-audit', '--no-fund', `node-api-headers@${HEADERS_VERSION}`], { cwd: headersDir, log });
  });
  const binding = join(root, 'node_modules', '@tensorflow', 'tfjs-node', 'binding');
  const out = join(dir, 'lib', 'napi-v8');
  mkdirSync(out, { recursive: true });
  symlinkSync(join('..', library), join(dir, 'deps'));
  const addon = join(out, 'tfjs_binding.node');
  const flags = ['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8'];
  const includes = [join(deps, 'include'), join(headers, 'node_modules', 'node-api-headers', 'include')].map((path) => `-I${path}`);
  const sources = readdirSync(binding).filter((name) => name.endsWith('.cc')).map((name) => join(binding, name));
  const libraries = ['-L' + join(deps, 'lib'), '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', '-Wl,-rpath,$ORIGIN/../../deps/lib'];
  await runCommand(command, [...args, ...flags, ...includes, ...sources, '-o', addon, ...libraries], { log, env });
  await runCommand(process.execPath, ['--eval', `require(${JSON.stringify(addon)})`], { log });
}
