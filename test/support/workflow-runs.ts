import assert from 'node:assert/strict';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { followRun, startPipeline } from '../../cli/pipeline-runs.ts';
import type { RunEnd } from '../../cli/pipeline-runs.ts';
import type { PipelineInput, PipelineStep } from '../../domain/pipeline.ts';
import type { RunState, StepState } from '../../domain/run-state.ts';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import { createFakeActivities } from './fake-activities.ts';
import type { PipelineActivities } from './fake-activities.ts';
import { withWorkers } from './pipeline-workers.ts';
import { useTemporal } from './temporal.ts';

export interface WorkflowRuns {
  readonly temporal: { readonly env: TestWorkflowEnvironment };
  /** Of a commit that no other run of this process has. */
  newInput(switches?: Readonly<Record<string, unknown>>): PipelineInput;
  /** Runs the pipeline to its end, with fake activities of which some are replaced. */
  run(switches: Readonly<Record<string, unknown>>, replaced?: Partial<PipelineActivities>): Promise<RunEnd>;
  /** The same, of a run that must not fail. */
  runWell(switches: Readonly<Record<string, unknown>>, replaced?: Partial<PipelineActivities>): Promise<RunState>;
}

let commits = 0;

/** The pipeline workflow on a real server, for the tests of one suite. */
export function useWorkflowRuns(): WorkflowRuns {
  const temporal = useTemporal();

  function newInput(switches: Readonly<Record<string, unknown>> = {}): PipelineInput {
    commits += 1;
    return pipelineInputSchema.parse({ gitSha: commits.toString(16).padStart(40, '0'), ...switches });
  }

  async function run(switches: Readonly<Record<string, unknown>>, replaced: Partial<PipelineActivities> = {}): Promise<RunEnd> {
    const { client } = temporal.env;
    return withWorkers(temporal.env, createFakeActivities(replaced), async () => {
      const { handle } = await startPipeline(client, newInput(switches));
      return followRun(handle, () => undefined);
    });
  }

  return {
    temporal,
    newInput,
    run,
    async runWell(switches, replaced) {
      const end = await run(switches, replaced);
      assert.equal(end.status, 'succeeded', 'reason' in end ? end.reason : '');
      return end.state;
    },
  };
}

export function stepOf(state: RunState | null, step: PipelineStep): StepState {
  return state!.steps.find((each) => each.step === step)!;
}
