import type { TemporalConfig } from '../config/temporal.ts';
import { EXIT_CODES, toExitCode } from './exit-codes.ts';
import { toJson } from './output/format.ts';
import { createRunBoard } from './output/run-board.ts';
import { toRunSummary } from './output/run-summary.ts';
import { followRun, toRunUrl } from './pipeline-runs.ts';
import type { StartedRun } from './pipeline-runs.ts';

export interface FollowOptions {
  /** To its end; otherwise it is only said where it can be watched. */
  readonly wait: boolean;
  readonly json?: true;
}

/**
 * Says where a run that was started can be watched, follows it, and prints what became of it.
 *
 * @returns the exit code of the command that started it
 */
export async function followStarted(started: StartedRun, { uiUrl, namespace }: Pick<TemporalConfig, 'uiUrl' | 'namespace'>, { wait, json }: FollowOptions): Promise<number> {
  const url = toRunUrl(uiUrl, namespace, started);
  const { workflowId, runId, joined } = started;
  console.error(`${joined ? 'Joined the run of this commit that is under way' : 'Started'}: ${workflowId}\n  watch it at ${url}`);
  if (!wait) {
    if (json) console.log(toJson({ workflowId, runId, joined, url }));
    return EXIT_CODES.succeeded;
  }
  process.once('SIGINT', () => {
    console.error(`\nThe run goes on without you. Look at it with \`barometer runs show ${workflowId}\`, end it with \`barometer cancel ${workflowId}\`.`);
    process.exit(EXIT_CODES.failed);
  });
  const board = createRunBoard();
  const end = await followRun(started.handle, board.show).finally(board.end);
  if (json) console.log(toJson({ workflowId, runId, joined, url, ...end }));
  else console.log(toRunSummary(end));
  return toExitCode(end);
}
