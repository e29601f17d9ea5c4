import type { TrainingSpec } from '../../domain/training.ts';

/** Something in the storage account; who opens it signs in there. */
export interface ArtifactLink {
  readonly title: string;
  readonly url: string;
}

/** A training, as MLflow is told of it. */
export interface TrackedTraining {
  readonly spec: TrainingSpec;
  readonly datasetVersion: string;
  /** What lies in the storage account, or will when the training is over. */
  readonly artifacts: readonly ArtifactLink[];
}
