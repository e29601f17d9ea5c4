import { isWaiting } from '../../domain/approval.ts';
import { shortSha } from '../../domain/git-sha.ts';
import type { RunState } from '../../domain/run-state.ts';
import { toDuration } from '../output/format.ts';
import { shorten, toCode, toLines, toLink, toText } from './markdown.ts';
import type { ReportedRun, RunStanding } from './reported-run.ts';

/** A cluster's reasons come with the last lines of its logs. */
const MOST_OF_A_REASON = 4_000;

/** What became of the run, in a line; plain text. */
export function toHeadline(standing: RunStanding): string {
  switch (standing.status) {
    case 'running':
      return isWaiting(standing.state) ? '⏸️ Waits for a person to let the rollout through' : toRunning(standing.state);
    case 'failed':
      return `❌ Failed${toPlace(standing.state, 'failed')}`;
    case 'cancelled':
      return `🛑 Stopped${toPlace(standing.state, 'cancelled')}`;
    case 'succeeded':
      return toOutcome(standing.state);
  }
}

/** The heading of a report with the sentence below it: why, of which commit, for how long. */
export function toOpening({ standing, workflowId, url }: ReportedRun): string {
  const { state } = standing;
  const facts = [
    ...(state === null ? [toCode(workflowId)] : [`Run ${toCode(state.runName)} of commit ${toCode(shortSha(state.gitSha))}`]),
    ...(standing.status === 'running' ? [] : toTime(state)),
    toLink('watch it in Temporal', url),
  ];
  const reason = 'reason' in standing ? standing.reason : null;
  const alert = reason === null ? [] : [`> [!${standing.status === 'failed' ? 'CAUTION' : 'WARNING'}]\n> ${toLines(shorten(reason, MOST_OF_A_REASON))}`];
  return [`## ${toText(toHeadline(standing))}`, facts.join(' · '), ...alert].join('\n\n');
}

function toOutcome({ outcome, model, gate, approval, release }: RunState): string {
  switch (outcome) {
    case 'registered': {
      const made = model === null ? 'a model' : `${model.name} version ${model.version}`;
      return release === null ? `✅ Registered ${made}` : `✅ Registered and rolled out ${made}`;
    }
    case 'rejected':
      return `🚧 Turned away by the gate${gate === null ? '' : `: ${gate.reason}`}`;
    case 'not-approved':
      return approval?.by == null ? '🙅 Not rolled out: nobody let it through in time' : `🙅 Not rolled out: ${approval.by} said no`;
    case 'completed':
    case null:
      return release === null ? '✅ Done; nothing was trained' : `✅ Rolled out model version ${release.modelVersion}; nothing was trained`;
  }
}

function toRunning(state: RunState | null): string {
  const step = state?.steps.find(({ status }) => status === 'running')?.step;
  return `⏳ Under way${step === undefined ? '' : `: ${step}`}`;
}

function toPlace(state: RunState | null, status: 'failed' | 'cancelled'): string {
  const step = state?.steps.find((each) => each.status === status)?.step;
  return step === undefined ? '' : ` at ${step}`;
}

function toTime(state: RunState | null): string[] {
  const times = (state?.steps ?? []).flatMap(({ startedAt, endedAt }) => [startedAt, endedAt].flatMap((at) => (at === null ? [] : [Date.parse(at)])));
  return times.length < 2 ? [] : [`took ${toDuration(Math.max(...times) - Math.min(...times))}`];
}
