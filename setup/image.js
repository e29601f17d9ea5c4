// What an image is made of besides the sources, for a processor that need not be this machine's:
// `node setup/image.js api arm64 DIR` leaves in DIR the program `node` and `node_modules`, with the packages that
// docker/api/packages.json names. Nothing of the other processor is executed.
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exitOnSignals } from './child.js';
import { installPackages } from './image-packages.js';
import { pruneModules } from './image-prune.js';
import { fetchNode } from './node.js';
import { root } from './prepare.js';
import { SetupProblem, toReport } from './problem.js';
import { step } from './progress.js';
import { buildFromWheel } from './tensorflow-wheel.js';

const TENSORFLOW = '@tensorflow/tfjs-node';

/** By the names of container platforms, those of Node. */
const PROCESSORS = { amd64: 'x64', arm64: 'arm64' };

/**
 * @param {string} image
 * @param {'x64' | 'arm64'} arch
 * @param {string} dir
 */
async function fill(image, arch, dir) {
  const list = join(root, 'docker', image, 'packages.json');
  if (!existsSync(list)) throw new SetupProblem(`There is no image "${image}": ${list} is missing.`);
  /** @type {string[]} */
  const names = JSON.parse(readFileSync(list, 'utf8'));
  mkdirSync(dir, { recursive: true });
  const [node] = await Promise.all([
    fetchNode('linux', arch),
    step(`installing the npm packages for linux-${arch}`, () => installPackages({ root, names, arch, dir })),
  ]);
  copyFileSync(node, join(dir, 'node'));
  if (names.includes(TENSORFLOW)) addTensorflow(await buildFromWheel(dir, arch), join(dir, 'node_modules', TENSORFLOW));
  pruneModules(join(dir, 'node_modules'), arch);
}

/**
 * Files, not links: the cache is left behind.
 *
 * @param {string} built
 * @param {string} target
 */
function addTensorflow(built, target) {
  for (const name of ['lib', 'deps']) rmSync(join(target, name), { recursive: true, force: true });
  cpSync(join(built, 'lib'), join(target, 'lib'), { recursive: true });
  const libraries = join(built, 'deps', 'lib');
  mkdirSync(join(target, 'deps', 'lib'), { recursive: true });
  for (const name of readdirSync(libraries)) copyFileSync(join(libraries, name), join(target, 'deps', 'lib', name));
}

const [image, platform, dir] = process.argv.slice(2);
exitOnSignals();
try {
  const isKnown = platform === 'amd64' || platform === 'arm64';
  if (!image || !dir || !isKnown) throw new SetupProblem('Say: node setup/image.js api|worker|trainer amd64|arm64 DIRECTORY');
  await fill(image, /** @type {'x64' | 'arm64'} */ (PROCESSORS[platform]), dir);
} catch (error) {
  console.error(`\n${toReport(error)}`);
  process.exitCode = 1;
}
