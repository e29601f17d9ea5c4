import { userInfo } from 'node:os';
import { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { isWaiting } from '../../domain/approval.ts';
import type { ApprovalState } from '../../domain/approval.ts';
import { Failure } from '../../domain/failure.ts';
import { approveUpdate, rejectUpdate } from '../../workflows/contract.ts';
import { findMailAddress } from '../git.ts';
import { openCluster } from '../open-cluster.ts';
import { toDecisionText } from '../output/approval-text.ts';
import { toDecisionBasis } from '../output/decision-text.ts';
import { toJson } from '../output/format.ts';
import { toRelease } from '../output/rollout-text.ts';
import { toStatusText } from '../output/run-status.ts';
import { decideRun } from '../runs/decide-run.ts';
import { RUN_NAMING } from '../runs/find-run.ts';
import type { RunDetails } from '../runs/read-run.ts';
import { readRun } from '../runs/read-run.ts';
import { isUnderWay } from '../runs/run-entry.ts';
import type { RunSources } from '../runs/with-runs.ts';
import { withRuns } from '../runs/with-runs.ts';

interface DecideOptions {
  readonly reason?: string;
  readonly by?: string;
  readonly json?: true;
}

const HELP = `\n${RUN_NAMING}\n\nExit codes: 0 the decision was taken, 1 it was not: the run does not wait, is\nover, or somebody has decided already.`;

export function createApproveCommand(): Command {
  return withOptions(new Command('approve'), 'approve')
    .summary('let the rollout of a run through that waits for it')
    .description('Lets the rollout through that a run with --approval waits with, after showing what it would roll out. Who decided, when and why is kept in the run\'s history.');
}

export function createRejectCommand(): Command {
  return withOptions(new Command('reject'), 'reject')
    .summary('end the waiting of a run without a rollout')
    .description('Ends the waiting of a run with --approval without a rollout: what runs stays, and the model stays registered. Who decided, when and why is kept in the run\'s history.');
}

function withOptions(command: Command, verb: 'approve' | 'reject'): Command {
  return command
    .argument('<run>', 'which one; see below')
    .option('--reason <text>', verb === 'approve' ? 'why' : 'why; there must be a reason')
    .option('--by <who>', 'who decides (default: GITHUB_ACTOR, the mail address that git knows, or the user of this machine)')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (name: string, options: DecideOptions) => {
      if (verb === 'reject' && (options.reason ?? '').trim() === '') throw new Failure('input-invalid', 'Say why: barometer reject RUN --reason "…"');
      await withRuns((sources) => decide(name, verb, options, sources));
    });
}

async function decide(name: string, verb: 'approve' | 'reject', { reason = '', by, json }: DecideOptions, sources: RunSources): Promise<void> {
  const details = await readRun(name, sources);
  const { entry, state } = details;
  if (state !== null && isWaiting(state) && isUnderWay(entry)) {
    const [card, runsNow] = await Promise.all([findCard(state.candidate, sources), readRunsNow(sources.config)]);
    console.error(`${toDecisionBasis({ state, card, runsNow })}\n`);
  } else if (state !== null || !isUnderWay(entry)) throw toNotWaiting(details);
  const approval = await decideRun(entry, verb === 'approve' ? approveUpdate : rejectUpdate, { by: by ?? (await toPerson(sources.config)), reason }, sources);
  if (json) console.log(toJson({ runName: entry.runName, workflowId: entry.workflowId, runId: entry.runId, approval }));
  else console.log(`Run ${entry.runName}: ${toDecisionText(approval)}.\n${toConsequence(approval, entry.runName)}`);
}

function toConsequence({ decision }: ApprovalState, runName: string): string {
  return decision === 'approved' ? `It is rolled out now: \`barometer runs show ${runName}\` says how far that is.` : 'What runs stays.';
}

function toNotWaiting({ entry, state }: RunDetails): Failure {
  const { approval = null, input } = state ?? {};
  const decided = approval?.decision == null ? '' : ` It was ${toDecisionText(approval)}.`;
  const never = input?.approval === false ? ' It was started without --approval.' : '';
  return new Failure('input-invalid', `Run ${entry.runName} does not wait for a decision (${toStatusText(entry)}).${decided}${never}`);
}

async function findCard(candidate: string | null, { stores }: RunSources) {
  // What else is shown has to do where storage is not to be reached from here.
  return candidate === null ? null : stores.runs.findCard(candidate).catch(() => null);
}

/** A person can decide without a cluster at hand; the run's worker has one. */
async function readRunsNow({ cluster }: Config): Promise<string | null> {
  if (cluster.kubeconfig === null) return null;
  try {
    const { readRollout } = await import('../../adapters/kubernetes/read-rollout.ts');
    const { release, replicas } = await readRollout(await openCluster(), { signal: AbortSignal.timeout(CLUSTER_LIMIT_MS) });
    return `${toRelease(release)}, ${replicas.ready} of ${replicas.desired} pods ready`;
  } catch {
    return 'nothing, or the cluster did not tell';
  }
}

const CLUSTER_LIMIT_MS = 10_000;

async function toPerson({ github }: Config): Promise<string> {
  return github.actor ?? (await findMailAddress(process.cwd())) ?? userInfo().username;
}
