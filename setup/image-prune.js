import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { toMachine } from './machine.js';

// Declarations and maps are for those who write programs; and Node runs no TypeScript out of node_modules.
const NEVER_LOADED = /\.([cm]?ts|map)$/;

const NETWORKS = /^(ssd_mobilenetv1|face_landmark_68_tiny)_model[.-]/;

/**
 * Takes out of `modules` what no program on Linux and `arch` ever loads: other platforms' libraries, which some packages
 * bring along for all, sources of what is compiled, type declarations and source maps.
 *
 * @param {string} modules a node_modules directory
 * @param {string} arch as in `process.arch`
 */
export function pruneModules(modules, arch) {
  const bridge = join(modules, '@temporalio', 'core-bridge');
  keepOnly(join(bridge, 'releases'), `${toMachine(arch)}-unknown-linux-gnu`);
  remove(join(bridge, 'sdk-core'));
  for (const version of list(join(modules, 'onnxruntime-node', 'bin'))) {
    const bin = join(modules, 'onnxruntime-node', 'bin', version);
    keepOnly(bin, 'linux');
    keepOnly(join(bin, 'linux'), arch);
  }
  remove(join(modules, '@tensorflow', 'tfjs-node', 'binding'));
  keepOnlyNetworks(join(modules, '@vladmandic', 'face-api'));
  for (const file of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    if (file.isFile() && NEVER_LOADED.test(file.name)) remove(join(file.parentPath, file.name));
  }
}

/**
 * Of this package, which is a whole library, the weights of the networks that find faces and their landmarks are read, and its licence goes with them.
 *
 * @param {string} dir
 */
function keepOnlyNetworks(dir) {
  const isKept = (/** @type {string} */ name) => ['model', 'LICENSE', 'package.json'].includes(name);
  for (const name of list(dir)) if (!isKept(name)) remove(join(dir, name));
  for (const name of list(join(dir, 'model'))) if (!NETWORKS.test(name)) remove(join(dir, 'model', name));
}

/**
 * @param {string} dir
 * @param {string} kept
 */
function keepOnly(dir, kept) {
  const names = list(dir);
  // A package that is laid out otherwise than expected is better kept whole than broken.
  if (!names.includes(kept)) return;
  for (const name of names) if (name !== kept) remove(join(dir, name));
}

/** @param {string} dir */
function list(dir) {
  return existsSync(dir) ? readdirSync(dir) : [];
}

/** @param {string} path */
function remove(path) {
  rmSync(path, { recursive: true, force: true });
}
