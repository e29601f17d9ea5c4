/**
 * The processor `arch` as compilers and wheels name it.
 *
 * @param {string} arch as in `process.arch`: x64 or arm64
 */
export function toMachine(arch) {
  return arch === 'arm64' ? 'aarch64' : 'x86_64';
}
