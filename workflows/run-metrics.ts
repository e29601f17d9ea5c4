/** Bundled with the workflows: what becomes of runs, for Prometheus. It counts, and adds no command. */
import { ContinueAsNew, isCancellation, metricMeter, workflowInfo } from '@temporalio/workflow';
import type { WorkflowInterceptors } from '@temporalio/workflow';
import type { RunState } from '../domain/run-state.ts';
import { PIPELINE_WORKFLOW } from './contract.ts';

export function interceptors(): WorkflowInterceptors {
  if (workflowInfo().workflowType !== PIPELINE_WORKFLOW) return {};
  return {
    inbound: [
      {
        async execute(input, next) {
          const startedAtMs = Date.now();
          try {
            const state = (await next(input)) as RunState;
            count(state.outcome ?? 'unknown', startedAtMs);
            return state;
          } catch (error) {
            if (!(error instanceof ContinueAsNew)) count(isCancellation(error) ? 'cancelled' : 'failed', startedAtMs);
            throw error;
          }
        },
      },
    ],
  };
}

function count(outcome: string, startedAtMs: number): void {
  metricMeter.createCounter('barometer_runs', undefined, 'Runs that ended, by what became of them.').add(1, { outcome });
  metricMeter.createHistogram('barometer_run_duration', 'float', 'seconds', 'Time from the start of a run to its end.').record((Date.now() - startedAtMs) / 1000, { outcome });
}
