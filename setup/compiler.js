import { findOnPath } from './command.js';
import { inCache } from './cache.js';
import { ensureTool } from './tool.js';

/** @typedef {{ command: string, args: string[], env: NodeJS.ProcessEnv }} Compiler */

/**
 * A C++ compiler: `CXX`, or the first found on PATH, or else Zig's, which needs nothing installed on the machine (and takes
 * some minutes the first time, because it compiles its own C++ library).
 *
 * @returns {Promise<Compiler>}
 */
export async function ensureCompiler() {
  const names = [process.env['CXX'], 'g++', 'clang++', 'c++'];
  for (const name of names) {
    const found = name && findOnPath(name);
    if (found) return { command: found, args: [], env: {} };
  }
  const zig = await ensureTool({ title: 'a C++ compiler (80 MB, once)', wheel: 'ziglang', version: '0.13.0', folder: 'ziglang', binary: 'zig' });
  const arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  return {
    command: zig,
    // Against an old glibc, so that the addon loads wherever TensorFlow's own library does.
    args: ['c++', '-target', `${arch}-linux-gnu.2.17`],
    env: { ZIG_GLOBAL_CACHE_DIR: inCache('zig-cache') },
  };
}
