import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInCache, logFile } from './cache.js';
import { findOnPath } from './command.js';
import { step } from './progress.js';
import { unzip } from './unzip.js';
import { downloadWheel } from './wheel.js';

const ZIG_VERSION = '0.13.0';

/** @typedef {{ command: string, args: string[] }} Compiler */

/**
 * A C++ compiler: `CXX`, or the first found on PATH, or else Zig's (80 MB from PyPI, kept in the cache), which needs nothing
 * installed on the machine.
 *
 * @returns {Promise<Compiler>}
 */
export async function ensureCompiler() {
  const names = [process.env['CXX'], 'g++', 'clang++', 'c++'];
  for (const name of names) {
    const found = name && findOnPath(name);
    if (found) return { command: found, args: [] };
  }
  const dir = await step('fetching a C++ compiler (80 MB, once)', () => ensureInCache(`zig-${ZIG_VERSION}`, fetchZig));
  // Against an old glibc, so that the addon loads wherever TensorFlow's own library does.
  const arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  return { command: join(dir, 'zig'), args: ['c++', '-target', `${arch}-linux-gnu.2.17`] };
}

/** @param {string} dir */
async function fetchZig(dir) {
  const arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const wheel = await downloadWheel({ name: 'ziglang', version: ZIG_VERSION, python: 'py3', arch }, dir, logFile('compiler'));
  await unzip(wheel, dir, (name) => (name.startsWith('ziglang/') ? name.slice('ziglang/'.length) : undefined));
  chmodSync(join(dir, 'zig'), 0o755);
  rmSync(wheel);
}
