import { Failure } from './failure.ts';
import type { PipelineInput, PipelineStep, Reuse } from './pipeline.ts';
import type { RunState } from './run-state.ts';
import { PIPELINE_STEPS } from './pipeline.ts';

/** The step at which a run failed, was cancelled, or is; null when there is none. */
export function toFailedStep({ steps }: RunState): PipelineStep | null {
  return steps.find(({ status }) => status === 'failed' || status === 'cancelled' || status === 'running')?.step ?? null;
}

/**
 * Where a retry begins when nothing else is said: with the first step that is not done, or with the decision that was a no.
 * Null when there is nothing to do again.
 */
export function toRestartStep({ steps, outcome }: RunState): PipelineStep | null {
  if (outcome === 'not-approved') return 'approve';
  return steps.find(({ status }) => status !== 'succeeded' && status !== 'skipped')?.step ?? null;
}

export interface RetryRequest {
  readonly from: PipelineStep;
  /** The commit of the new run: the former one's, or the one that mends what went wrong. */
  readonly gitSha: string;
}

/**
 * The input of a run that begins where another one stopped: what the steps before `from` made is taken from that run.
 *
 * @throws Failure `input-invalid` when that run has not made what `from` needs
 */
export function toRetryInput(former: RunState, { from, gitSha }: RetryRequest): PipelineInput {
  for (const { needed, value, madeBy } of toNeeds(former, from)) {
    if (value === null) throw new Failure('input-invalid', `Run ${former.runName} has no ${needed} to begin "${from}" with. Begin with --from ${madeBy}.`);
  }
  const obstacle = toObstacle(former, { from, gitSha });
  if (obstacle !== null) throw new Failure('input-invalid', obstacle);
  return { ...former.input, gitSha, reuse: toReuse(former, from) };
}

/** What would make the new run say something untrue of what it made, or pass by somebody who has to agree. */
function toObstacle({ runName, gitSha: formerSha, gate, approval, input }: RunState, { from, gitSha }: RetryRequest): string | null {
  if (isAfter(from, 'evaluate') && gate?.passed === false) {
    return `The candidate of run ${runName} was turned away by the gate: ${gate.reason} Begin with --from evaluate or earlier.`;
  }
  if (from === 'roll-out' && input.approval && approval?.decision !== 'approved') {
    return `The rollout of run ${runName} was not approved. Begin with --from approve.`;
  }
  if (gitSha === formerSha) return null;
  if (from === 'register') return `The candidate of run ${runName} was made by commit ${formerSha}. Begin with --from evaluate, or retry with that commit.`;
  if (isAfter(from, 'build-image')) return `The images of run ${runName} are of commit ${formerSha}. Begin with --from build-image, or retry with that commit.`;
  return null;
}

/** Whether a step comes after another one in a run. */
export function isAfter(step: PipelineStep, other: PipelineStep): boolean {
  return PIPELINE_STEPS.indexOf(step) > PIPELINE_STEPS.indexOf(other);
}

function toReuse(former: RunState, from: PipelineStep): Reuse {
  const keep = <T>(madeBy: PipelineStep, value: T | null): T | null => (isAfter(from, madeBy) ? value : null);
  return {
    runName: former.runName,
    gitSha: former.gitSha,
    from,
    inventory: keep('ingest', former.inventory),
    datasetVersion: keep('resize', former.datasetVersion),
    splitVersion: keep('split', former.splitVersion),
    candidate: keep('train', former.candidate),
    accuracy: keep('evaluate', former.accuracy),
    gate: keep('evaluate', former.gate),
    report: keep('evaluate', former.report),
    model: keep('register', former.model),
    images: keep('build-image', former.images) ?? [],
    approval: keep('approve', former.approval),
  };
}

interface Need {
  readonly needed: string;
  readonly value: unknown;
  readonly madeBy: PipelineStep;
}

/** What a step begins with, as far as the run was to make it: steps that were switched off find it by themselves. */
function toNeeds(former: RunState, from: PipelineStep): Need[] {
  const { process, split, train } = former.input;
  const needs: (Need & { readonly wanted: boolean; readonly until: PipelineStep })[] = [
    { needed: 'inventory', value: former.inventory, madeBy: 'ingest', wanted: process, until: 'resize' },
    { needed: 'data set', value: former.datasetVersion, madeBy: 'resize', wanted: process, until: 'split' },
    { needed: 'split', value: former.splitVersion, madeBy: 'split', wanted: split, until: 'train' },
    { needed: 'candidate', value: former.candidate, madeBy: 'train', wanted: train, until: 'register' },
    { needed: 'evaluation', value: former.gate, madeBy: 'evaluate', wanted: train, until: 'register' },
    { needed: 'model', value: former.model, madeBy: 'register', wanted: train, until: 'roll-out' },
    { needed: 'images', value: former.images.length === 0 ? null : former.images, madeBy: 'build-image', wanted: true, until: 'roll-out' },
  ];
  return needs.filter(({ madeBy, until, wanted }) => wanted && isAfter(from, madeBy) && !isAfter(from, until));
}
