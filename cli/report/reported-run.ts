import type { PipelineStep } from '../../domain/pipeline.ts';
import type { RunState } from '../../domain/run-state.ts';
import type { EpochMetrics } from '../../domain/training.ts';

/** How a run stands: under way still, or how it has ended. */
export type RunStanding =
  | { readonly status: 'running'; readonly state: RunState | null }
  | { readonly status: 'succeeded'; readonly state: RunState }
  /** `reason`: in plain words. The state is null where no worker answers any more. */
  | { readonly status: 'failed' | 'cancelled'; readonly reason: string; readonly state: RunState | null };

/** Everything that a report tells of a run. */
export interface ReportedRun {
  readonly standing: RunStanding;
  readonly workflowId: string;
  /** Where people watch it. */
  readonly url: string;
  /** The namespace of the cluster that rollouts go to. */
  readonly kubeNamespace: string;
  /** How often each step was tried, where more than nothing is known of it. */
  readonly attempts: ReadonlyMap<PipelineStep, number>;
  readonly training: TrainingFacts | null;
  /** Where the model's card lies, for those who may read it. */
  readonly cardUrl: string | null;
}

/** What the candidate's folder knows of its training beyond the run's state. */
export interface TrainingFacts {
  readonly history: readonly EpochMetrics[];
  readonly bestEpoch: number | null;
  readonly parameters: number | null;
  readonly seconds: number | null;
}

/** What the report shows of a picture: an address (https, or a file beside the report); null where there is none. */
export interface PictureAddresses {
  readonly curves: string | null;
  readonly confusion: string | null;
}

/** What people name a run by on the command line. */
export function toRunArgument({ standing, workflowId }: Pick<ReportedRun, 'standing' | 'workflowId'>): string {
  return standing.state?.runName ?? workflowId;
}
