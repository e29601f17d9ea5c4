import type { WorkflowHandle } from '@temporalio/client';
import { createRunBoard } from '../output/run-board.ts';
import type { RunEnd } from '../pipeline-runs.ts';
import { followRun } from '../pipeline-runs.ts';

/** Shows a run on the terminal until it is over. Ctrl-C leaves it alone, and says so. */
export async function waitForEnd(handle: WorkflowHandle, onInterrupt: string): Promise<RunEnd> {
  const leave = () => {
    console.error(`\n${onInterrupt}`);
    process.exit(130);
  };
  process.once('SIGINT', leave);
  const board = createRunBoard();
  return followRun(handle, board.show).finally(() => {
    board.end();
    process.off('SIGINT', leave);
  });
}
