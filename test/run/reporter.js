import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

const { EVENT_RUN_END, EVENT_TEST_FAIL } = Mocha.Runner.constants;
// Long enough for servers to close, short enough that a leak is noticed and not waited for.
const EXIT_LIMIT_MS = 20_000;

/**
 * Mocha's spec reporter, which also writes its numbers, and what failed, as JSON to the file in the option `report`. A process that is still
 * alive long after the last test (20 seconds; the option `exitLimitMs`) holds something open, as a server, a timer or a
 * connection: that is a failure here, and what it holds is printed.
 */
export default class Reporter extends Mocha.reporters.Spec {
  /**
   * @param {Mocha.Runner} runner
   * @param {Mocha.MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    const path = options.reporterOptions?.report;
    const exitLimitMs = Number(options.reporterOptions?.exitLimitMs ?? EXIT_LIMIT_MS);
    /** @type {string[]} */
    const failed = [];
    /** @param {string[]} leaks */
    const write = (...leaks) => {
      // A failed hook is among Mocha's failures, though not among its tests.
      const { passes = 0, failures = 0, pending = 0 } = this.stats;
      if (path) writeFileSync(path, JSON.stringify({ passed: passes, failed: failures + leaks.length, skipped: pending, failures: [...failed, ...leaks] }));
    };
    runner.on(EVENT_TEST_FAIL, (test, error) => failed.push(`${test.fullTitle()}: ${toFirstLine(error)}`));
    runner.once(EVENT_RUN_END, () => {
      write();
      setTimeout(() => {
        const leak = `The tests ended ${exitLimitMs / 1_000} s ago, and something is still open: ${openResources()}`;
        console.error(`\n${leak}`);
        write(leak);
        process.exit(1);
      }, exitLimitMs).unref();
    });
  }
}

function openResources() {
  return process.getActiveResourcesInfo().join(', ') || 'unknown to Node (a native thread?)';
}

/** @param {unknown} error */
function toFirstLine(error) {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0];
}
