import { isWaiting } from '../../domain/approval.ts';
import type { PipelineStep } from '../../domain/pipeline.ts';
import type { RunState } from '../../domain/run-state.ts';
import { PIPELINE_STEPS } from '../../domain/pipeline.ts';
import { toRestartStep } from '../../domain/retry.ts';
import { toMinute } from '../output/format.ts';
import { toCommands, toText } from './markdown.ts';
import type { ReportedRun } from './reported-run.ts';
import { toRunArgument } from './reported-run.ts';

/** What a person does next, with the commands to copy; null where there is nothing to do. */
export function toNextSteps(run: ReportedRun): string | null {
  const { standing } = run;
  const name = toRunArgument(run);
  if (standing.status === 'running') return isWaiting(standing.state) ? toDecision(standing.state, name) : null;
  if (standing.status === 'succeeded') return standing.state.outcome === 'not-approved' ? toRetry('To ask once more', name, 'approve') : null;
  const from = (standing.state && toRestartStep(standing.state)) ?? PIPELINE_STEPS[0];
  const what = standing.status === 'failed' ? 'When the cause is mended, go on' : 'To go on';
  return toRetry(`${what}; what is finished is not done again`, name, from);
}

function toDecision(state: RunState | null, name: string): string {
  const deadline = state?.approval == null ? '' : ` Nobody having decided by ${toText(toMinute(state.approval.deadline))} UTC counts as a no.`;
  return `**What to do next.** Decide by the figures below.${deadline}\n\n${toCommands([`barometer approve ${name}`, `barometer reject ${name} --reason 'why not'`])}`;
}

function toRetry(what: string, name: string, from: PipelineStep): string {
  return `**What to do next.** ${what}:\n\n${toCommands([`barometer retry ${name} --from ${from}`])}`;
}
