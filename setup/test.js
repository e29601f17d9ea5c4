// `npm test`: sets up, checks (lint, types, import rules, links), runs the tests, and closes with what failed, a line each, and
// "N passed, N failed".
// `npm test -- test/api --grep upload` runs the checks and these tests; `--only-mocha` leaves the checks out.
import { exitOnSignals } from './child.js';
import { prepare, root } from './prepare.js';
import { toReport } from './problem.js';

const only = process.argv.includes('--only-mocha');
const args = process.argv.slice(2).filter((arg) => arg !== '--only-mocha');
const counts = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const failures = [];

/** @param {string} failure */
function fail(failure) {
  counts.failed += 1;
  failures.push(failure);
}

/**
 * @param {string} name
 * @param {() => Promise<boolean>} run
 */
async function check(name, run) {
  const startedAt = Date.now();
  const passed = await run();
  if (passed) counts.passed += 1;
  else fail(name.trimEnd());
  console.log(`${passed ? '✔' : '✖'} ${name} (${((Date.now() - startedAt) / 1_000).toFixed(1)} s)`);
}

try {
  const callOff = exitOnSignals();
  const { node, env, problems } = await prepare(['tensorflow', 'temporal']);
  callOff();
  // What needs the missing part fails below by itself; the rest is still worth running.
  for (const problem of problems) await check(`set-up: ${toReport(problem)}\n`, async () => false);

  const [{ checks, runCheck }, { findBrokenLinks }, { runMocha }] = await Promise.all([
    import('../test/run/checks.js'),
    import('../test/run/links.js'),
    import('../test/run/mocha.js'),
  ]);
  if (!only) {
    for (const each of checks) await check(each.name, () => runCheck(each, root, node));
    await check('links in the documentation', async () => {
      const broken = findBrokenLinks(root);
      for (const link of broken) console.error(link);
      return broken.length === 0;
    });
  }
  const tests = await runMocha(root, node, env, args);
  if (tests.passed + tests.failed === 0) fail('no test ran');
  for (const key of /** @type {(keyof typeof counts)[]} */ (Object.keys(counts))) counts[key] += tests[key];
  failures.push(...tests.failures);
} catch (error) {
  fail(toReport(error));
}
// Here again, since what each printed may be a long way up.
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((failure) => `✖ ${failure}\n`).join('')}`);
if (counts.skipped > 0) console.log(`${counts.skipped} skipped`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 ? 1 : 0;
