import type { WorkflowHandle } from '@temporalio/client';
import type { RunState } from '../../domain/run-state.ts';
import type { RunStanding } from '../report/reported-run.ts';

/** A run that somebody has started, or joined, and follows. */
export interface FollowedRun {
  readonly handle: WorkflowHandle;
  readonly workflowId: string;
  readonly runId: string;
  readonly joined: boolean;
  /** Where people watch it. */
  readonly url: string;
}

/** Tells of a run in one way or another, from its start to its end. */
export interface RunReporter {
  started(run: FollowedRun): void;
  /** Whenever something has changed; null while no worker answers. */
  show(state: RunState | null): void;
  /** The last word: nothing is shown after it. A run that is under way still goes on without being followed. */
  ended(run: FollowedRun, standing: RunStanding): Promise<void>;
  /** What the command ends with. */
  toExitCode(standing: RunStanding): number;
}
