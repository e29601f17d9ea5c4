import { isWaiting } from '../domain/approval.ts';
import { toRunUrl } from '../domain/names.ts';
import type { TemporalConfig } from '../config/temporal.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { followRunUntil } from './pipeline-runs.ts';
import type { StartedRun } from './pipeline-runs.ts';
import type { RunStanding } from './report/reported-run.ts';
import type { FollowedRun, RunReporter } from './reporters/run-reporter.ts';
import { createTerminalReporter } from './reporters/terminal-reporter.ts';

export interface FollowOptions {
  /** To its end; otherwise it is only said where it can be watched. */
  readonly wait: boolean;
  readonly json?: true;
  /** Leave it when it waits for a person. */
  readonly untilApproval?: true;
  /** Being asked to end cancels the run, which otherwise goes on. */
  readonly cancelOnSignal?: true;
  readonly reporter?: RunReporter;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** GitHub ends a cancelled job's processes 10 seconds after the first signal, and a report is to be written yet. */
const CANCELLATION_MS = 5_000;

/**
 * Says where a run that was started can be watched, follows it, and tells what became of it.
 *
 * @returns the exit code of the command that started it
 */
export async function followStarted(started: StartedRun, { uiUrl, namespace }: Pick<TemporalConfig, 'uiUrl' | 'namespace'>, options: FollowOptions): Promise<number> {
  const reporter = options.reporter ?? createTerminalReporter({ json: options.json ?? false });
  const run = { ...started, url: toRunUrl(uiUrl, namespace, started) };
  reporter.started(run);
  const standing = options.wait ? await follow(run, reporter, options) : ({ status: 'running', state: null } as const);
  await reporter.ended(run, standing);
  return reporter.toExitCode(standing);
}

async function follow(run: FollowedRun, reporter: RunReporter, { untilApproval, cancelOnSignal }: FollowOptions): Promise<RunStanding> {
  const left = new AbortController();
  let last: RunStanding['state'] = null;
  const asked = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  const onSignal = (signal: NodeJS.Signals) => {
    if (cancelOnSignal !== true) {
      console.error(`\nThe run goes on without you. Look at it with \`barometer runs show ${run.workflowId}\`, end it with \`barometer cancel ${run.workflowId}\`.`);
      process.exit(EXIT_CODES.failed);
    }
    if (asked.signal.aborted) return;
    asked.abort();
    // First of all: who asked may be gone, and what is written to them may fail.
    run.handle.cancel().catch(() => undefined);
    timer = setTimeout(() => {
      left.abort();
    }, CANCELLATION_MS);
    console.error(`\nCancelling the run (${signal}).`);
  };
  const signals = SIGNALS.filter((signal) => cancelOnSignal === true || signal === 'SIGINT');
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const end = await followRunUntil(
      run.handle,
      (state) => {
        last = state ?? last;
        reporter.show(state);
        if (untilApproval === true && isWaiting(state)) left.abort();
      },
      left.signal,
    );
    if (end !== null) return end;
    return asked.signal.aborted ? { status: 'cancelled', reason: 'The run was asked to end, and was ending when this job was.', state: last } : { status: 'running', state: last };
  } finally {
    clearTimeout(timer);
    for (const signal of signals) process.off(signal, onSignal);
  }
}
