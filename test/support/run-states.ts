import type { PipelineStep } from '../../domain/pipeline.ts';
import type { RunState, StepState } from '../../domain/run-state.ts';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import { toInitialState } from '../../domain/run-state.ts';
import { GIT_SHA } from './models.ts';

/** The state of a run that has just begun, with some steps further than that. */
export function toRunState(steps: Partial<Record<PipelineStep, Partial<StepState>>> = {}): RunState {
  const state = toInitialState('20261124T015500Z-1a2b3c4', pipelineInputSchema.parse({ gitSha: GIT_SHA }));
  return { ...state, steps: state.steps.map((each) => ({ ...each, ...steps[each.step] })) };
}
