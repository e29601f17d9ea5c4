import type { TrackedTraining } from '../../adapters/mlflow/tracked-training.ts';
import type { EpochMetrics, TrainingEvent } from '../../domain/training.ts';
import { hyperparametersSchema } from '../../domain/training.ts';

let trainings = 0;

/** A training that nobody has heard of before. */
export function toTraining(): TrackedTraining {
  trainings += 1;
  const runName = `20261124T0155${String(trainings).padStart(2, '0')}Z-1a2b3c4`;
  return {
    spec: {
      runName,
      gitSha: '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d',
      splitVersion: '20261120T000000Z-1a2b3c4.test-0.2',
      hyperparameters: hyperparametersSchema.parse({ seed: 7, epochs: 12 }),
    },
    datasetVersion: '20261120T000000Z-1a2b3c4',
    artifacts: [{ title: 'curves', url: `https://venues.example/runs/${runName}/training/curves.svg` }],
  };
}

/** The figures of an epoch, all different and different from other epochs'. */
export function toEpochMetrics(epoch: number): EpochMetrics {
  return {
    epoch,
    epochs: 12,
    loss: 1 / epoch,
    accuracy: 0.5 + epoch / 100,
    validationLoss: 1.5 / epoch,
    validationAccuracy: 0.4 + epoch / 100,
    learningRate: 0.002 / epoch,
    seconds: 2,
    imagesPerSecond: 400 + epoch,
  };
}

export function toStarted(resumedFromEpoch = 0): TrainingEvent {
  return { type: 'started', samples: 90, validationSamples: 10, resumedFromEpoch };
}

export function toEpochs(first: number, last: number): TrainingEvent[] {
  return Array.from({ length: last - first + 1 }, (_, index) => ({ type: 'epoch', metrics: toEpochMetrics(first + index) }) as const);
}
