import { Failure } from '../domain/failure.ts';
import type { TrainingResult } from '../domain/training.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { TrainSummary } from './train-summary.ts';
import { toTrainSummary } from './train-summary.ts';

export interface AdoptTrainingDependencies {
  readonly runs: {
    findResult(runName: string): Promise<TrainingResult | null>;
    /**
     * Copies what the training of a run left behind into another run's folder, the result last. Done again, it ends the same.
     *
     * @throws Failure `not-found` when anything is missing, `data-corrupt` when it is not what the result says
     */
    adoptTraining(from: string, to: string): Promise<TrainingResult>;
  };
}

export interface AdoptTrainingRequest {
  /** Whose candidate it is: the name under which that is filed. */
  readonly from: string;
  readonly to: string;
}

export type AdoptTrainingActivities = ReturnType<typeof createAdoptTrainingActivities>;

export function createAdoptTrainingActivities({ runs }: AdoptTrainingDependencies) {
  return {
    /** Makes an earlier run's trained network, with all that was written about its training, this run's candidate. */
    async adoptTraining({ from, to }: AdoptTrainingRequest): Promise<TrainSummary> {
      return withHeartbeat(async () => {
        const earlier = await runs.findResult(to);
        if (earlier !== null) return toTrainSummary(earlier, to);
        if ((await runs.findResult(from)) === null) throw new Failure('not-found', `Run ${from} has no finished training to go on with. Train again.`);
        return toTrainSummary(await runs.adoptTraining(from, to), to);
      });
    },
  };
}
