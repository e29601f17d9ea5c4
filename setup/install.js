// Sets up and starts nothing, for images and CI: `node setup/install.js [tensorflow] [temporal]`, both where none is named.
import { exitOnSignals } from './child.js';
import { prepare, root } from './prepare.js';
import { toReport } from './problem.js';
import { say } from './progress.js';

const named = process.argv.slice(2);
const needs = /** @type {import('./needs.js').Need[]} */ (named.length > 0 ? named : ['tensorflow', 'temporal']);
exitOnSignals();
try {
  const { node, problems } = await prepare(needs);
  if (problems.length > 0) throw new AggregateError(problems);
  say(`${root} is ready; start it with ${node}`);
} catch (error) {
  console.error(`\n${toReport(error)}`);
  process.exitCode = 1;
}
