import { randomUUID } from 'node:crypto';
import { isGrpcServiceError } from '@temporalio/client';
import { Command, Option } from 'commander';
import { GRPC_STATUS } from '../../adapters/temporal/grpc-status.ts';
import { Failure } from '../../domain/failure.ts';
import { toJson } from '../output/format.ts';
import { toStatusText } from '../output/run-status.ts';
import { toRunSummary } from '../output/run-summary.ts';
import { RUN_NAMING } from '../runs/find-run.ts';
import { findNamedRun, toHandle } from '../runs/read-run.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import { isUnderWay } from '../runs/run-entry.ts';
import { waitForEnd } from '../runs/wait-for-end.ts';
import type { RunSources } from '../runs/with-runs.ts';
import { withRuns } from '../runs/with-runs.ts';

interface CancelOptions {
  readonly reason?: string;
  readonly wait: boolean;
  readonly json?: true;
}

export function createCancelCommand(): Command {
  return new Command('cancel')
    .summary('stop a run, and wait until all of it has ended')
    .description('Stops a run: its trainings are ended, wherever they run, its jobs cancelled, and a rollout that is half done is undone. What it has made stays, and `barometer retry` goes on from there.')
    .argument('<run>', 'which one; see below')
    .option('--reason <text>', 'why; kept in the run\'s history', '')
    .addOption(new Option('--wait', 'follow the run until it has ended').default(true, 'on'))
    .addOption(new Option('--no-wait', 'ask it to end and return'))
    .option('--json', 'print JSON')
    .addHelpText('after', `\n${RUN_NAMING}\n\nExit codes: 0 it was cancelled (or asked to end, with --no-wait), 1 it was not.`)
    .action(async (name: string, options: CancelOptions) => {
      process.exitCode = await withRuns((sources) => cancel(name, options, sources));
    });
}

async function cancel(name: string, { reason = '', wait, json }: CancelOptions, sources: RunSources): Promise<number> {
  const found = await findNamedRun(name, sources);
  const { entry } = found;
  if (!isUnderWay(entry)) throw toOver(entry);
  await requestCancel(entry, reason, sources);
  console.error(`Asked run ${entry.runName} to end.`);
  if (!wait) {
    if (json) console.log(toJson({ runName: entry.runName, workflowId: entry.workflowId, runId: entry.runId, status: 'cancelling' }));
    return 0;
  }
  const end = await waitForEnd(toHandle(found, sources), `It goes on ending without you; \`barometer runs show ${entry.runName}\` says how far it is.`);
  if (json) console.log(toJson({ runName: entry.runName, workflowId: entry.workflowId, runId: entry.runId, ...end }));
  else console.log(end.status === 'cancelled' ? `\nThe run has ended. Go on from there: barometer retry ${entry.runName}` : `${toRunSummary(end)}\n\nIt had ended before it could be cancelled.`);
  return end.status === 'cancelled' ? 0 : 1;
}

/** The handle's own `cancel` can't say why. */
async function requestCancel(entry: RunEntry, reason: string, { client }: RunSources): Promise<void> {
  const { workflowId, runId } = entry;
  try {
    await client.workflowService.requestCancelWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId, runId },
      requestId: randomUUID(),
      identity: client.options.identity,
      reason,
    });
  } catch (error) {
    // The server says so of a run that is over.
    if (isGrpcServiceError(error) && (error.code as number) === GRPC_STATUS.notFound) throw toOver(entry);
    throw error;
  }
}

function toOver(entry: RunEntry): Failure {
  return new Failure('input-invalid', `Run ${entry.runName} is over (${isUnderWay(entry) ? 'it has just ended' : toStatusText(entry)}): there is nothing to cancel.`);
}
