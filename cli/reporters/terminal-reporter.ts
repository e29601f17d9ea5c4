import { EXIT_CODES, toExitCode } from '../exit-codes.ts';
import { toJson } from '../output/format.ts';
import { createRunBoard } from '../output/run-board.ts';
import { toRunSummary } from '../output/run-summary.ts';
import { toHeadline } from '../report/headline.ts';
import type { RunReporter } from './run-reporter.ts';

export interface TerminalReporterOptions {
  /** Of what became of the run, on standard output, instead of a text. */
  readonly json: boolean;
}

/** For people at a terminal, and for scripts: progress on standard error, the result on standard output. */
export function createTerminalReporter({ json }: TerminalReporterOptions): RunReporter {
  const board = createRunBoard();
  return {
    started({ workflowId, joined, url }) {
      console.error(`${joined ? 'Joined the run of this commit that is under way' : 'Started'}: ${workflowId}\n  watch it at ${url}`);
    },
    show: board.show,
    async ended({ workflowId, runId, joined, url }, standing) {
      board.end();
      const { status } = standing;
      if (json) console.log(toJson({ workflowId, runId, joined, url, ...(status === 'running' && standing.state === null ? {} : standing) }));
      else if (status !== 'running') console.log(toRunSummary(standing));
      else if (standing.state !== null) console.log(`\n${toHeadline(standing)}`);
      return Promise.resolve();
    },
    toExitCode: (standing) => (standing.status === 'running' ? EXIT_CODES.succeeded : toExitCode(standing)),
  };
}
