import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';

/**
 * The folders of test/ in lists that are run side by side, so that one computes while others wait for servers, nodes and
 * engines; each takes about as long. Quick ones first: a broken rule is known before the first run of the pipeline
 * starts. What takes too long for every time, in test/long, has commands of its own.
 */
const LANES = [
  ['domain', 'config', 'run', 'setup', 'infra', 'api', 'adapters', 'activities'],
  ['workflows', 'workers', 'docker', 'k8s', 'cluster'],
  ['cli', 'github', 'e2e'],
];
const LEFT_OUT = ['long'];

/**
 * All tests: a list of files for each lane that has any, as paths from `root`, in their order. A folder that no lane names goes
 * with the first.
 *
 * @param {string} root
 * @returns {string[][]}
 */
export function toLanes(root) {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.test.ts')).sort();
  const inFolder = (/** @type {string} */ folder) => files.filter((path) => path.startsWith(folder + sep)).map((path) => join('test', path));
  const named = new Set([...LANES.flat(), ...LEFT_OUT]);
  const others = [...new Set(files.map((path) => path.split(sep, 1)[0] ?? ''))].filter((folder) => !named.has(folder));
  const [first = [], ...rest] = LANES;
  return [[...first, ...others], ...rest].map((folders) => folders.flatMap(inFolder)).filter((lane) => lane.length > 0);
}
