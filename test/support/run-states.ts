import type { PipelineStep, RunState, StepState } from '../../domain/pipeline.ts';
import { PIPELINE_STEPS, pipelineInputSchema } from '../../domain/pipeline.ts';
import { GIT_SHA } from './models.ts';

/** The state of a run that has just begun, with some steps further than that. */
export function toRunState(steps: Partial<Record<PipelineStep, Partial<StepState>>> = {}): RunState {
  return {
    runName: '20261124T015500Z-1a2b3c4',
    gitSha: GIT_SHA,
    input: pipelineInputSchema.parse({ gitSha: GIT_SHA }),
    steps: PIPELINE_STEPS.map((step) => ({ step, status: 'pending', startedAt: null, endedAt: null, note: '', ...steps[step] })),
    outcome: null,
    datasetVersion: null,
    splitVersion: null,
    accuracy: null,
    gate: null,
    model: null,
  };
}
