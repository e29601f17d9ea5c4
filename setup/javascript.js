// The program of an image as JavaScript: `node setup/javascript.js DIR FOLDER…` writes what the folders hold to DIR. Node would strip
// the types by itself, but at each start, and once more in each thread.
import { exitOnSignals, runInPlace } from './child.js';
import { ensureNode } from './node.js';
import { root } from './prepare.js';
import { toReport } from './problem.js';
import { writeProgram } from './strip-types.js';

const [dir, ...folders] = process.argv.slice(2);
exitOnSignals();
try {
  const node = await ensureNode();
  if (node !== process.execPath) process.exitCode = await runInPlace(node, process.argv.slice(1));
  else writeProgram(root, folders, /** @type {string} */ (dir));
} catch (error) {
  console.error(`\n${toReport(error)}`);
  process.exitCode = 1;
}
