import { findOnPath } from './command.js';
import { inCache } from './cache.js';
import { toMachine } from './machine.js';
import { ensureTool } from './tool.js';

/** @typedef {{ command: string, args: string[], env: NodeJS.ProcessEnv }} Compiler */

/**
 * A C++ compiler for programs of `arch` on Linux. For this machine's own: `CXX`, or the first found on PATH; for another:
 * Debian's cross compiler. Or else Zig's, which needs nothing installed on the machine and compiles for both (and takes a
 * minute or more the first time, because it compiles its own C++ library).
 *
 * @param {string} [arch]
 * @returns {Promise<Compiler>}
 */
export async function ensureCompiler(arch = process.arch) {
  const names = arch === process.arch ? [process.env['CXX'], 'g++', 'clang++', 'c++'] : [`${toMachine(arch)}-linux-gnu-g++`];
  for (const name of names) {
    const found = name && findOnPath(name);
    if (found) return { command: found, args: [], env: {} };
  }
  const zig = await ensureTool({ title: 'a C++ compiler (80 MB, once)', wheel: 'ziglang', version: '0.13.0', folder: 'ziglang', binary: 'zig' });
  return {
    command: zig,
    // Against an old glibc, so that the addon loads wherever TensorFlow's own library does.
    args: ['c++', '-target', `${toMachine(arch)}-linux-gnu.2.17`],
    env: { ZIG_GLOBAL_CACHE_DIR: inCache('zig-cache') },
  };
}
