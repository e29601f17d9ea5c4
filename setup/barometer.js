#!/usr/bin/env node
// The `barometer` command on any Node of 20 or later, in a bare clone: sets up what the command needs, then runs it.
import { join } from 'node:path';
import { exitOnSignals, runInPlace } from './child.js';
import { needsOf } from './needs.js';
import { prepare, root } from './prepare.js';
import { toReport } from './problem.js';

const args = process.argv.slice(2);
const callOff = exitOnSignals();
try {
  const { node, env, problems } = await prepare(needsOf(args));
  if (problems.length > 0) throw new AggregateError(problems);
  callOff();
  process.exitCode = await runInPlace(node, ['--disable-warning=ExperimentalWarning', join(root, 'cli', 'main.ts'), ...args], { env });
} catch (error) {
  console.error(`\n${toReport(error)}`);
  process.exitCode = 1;
}
