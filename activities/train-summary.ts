import { toRunOfCandidate } from '../domain/candidates.ts';
import type { TrainingResult } from '../domain/training.ts';

export interface TrainSummary
  extends Pick<TrainingResult, 'epochs' | 'bestEpoch' | 'bestValidationAccuracy' | 'stoppedEarly' | 'imagesPerSecond' | 'resumedFromEpoch'> {
  /** The run that trained the network, also where it was handed on several times; null when this one did. */
  readonly cachedFrom: string | null;
}

/** @param runName the candidate that has this result, whoever trained it */
export function toTrainSummary({ spec, ...result }: TrainingResult, runName: string): TrainSummary {
  const { epochs, bestEpoch, bestValidationAccuracy, stoppedEarly, imagesPerSecond, resumedFromEpoch } = result;
  const cachedFrom = spec.runName === runName ? null : toRunOfCandidate(spec.runName);
  return { epochs, bestEpoch, bestValidationAccuracy, stoppedEarly, imagesPerSecond, resumedFromEpoch, cachedFrom };
}
