import type { Given } from './setting.ts';
import { amount, count, share } from './setting.ts';

/** What is the same for every run of the pipeline; what a run may choose is in `domain/pipeline.ts`. */
export const pipelineSettings = {
  /** A candidate below this accuracy on the test images is turned away. */
  BAROMETER_MINIMUM_ACCURACY: share(0.35),
  /** A run stops when more than this share of the raw images can't be used. */
  BAROMETER_MAX_REFUSED_SHARE: share(0.2),
  /** Raw images in one resize activity, and so in one shard. */
  BAROMETER_SHARD_SIZE: count(2000),
  /** A training on this machine keeps where it stands after an epoch, at least this long after the time before. */
  BAROMETER_CHECKPOINT_SECONDS: amount(10),
};

export interface PipelineConfig {
  readonly minimumAccuracy: number;
  readonly maxRefusedShare: number;
  readonly shardSize: number;
  readonly checkpointIntervalMs: number;
}

export function toPipelineConfig(given: Given<typeof pipelineSettings>): PipelineConfig {
  return {
    minimumAccuracy: given.BAROMETER_MINIMUM_ACCURACY,
    maxRefusedShare: given.BAROMETER_MAX_REFUSED_SHARE,
    shardSize: given.BAROMETER_SHARD_SIZE,
    checkpointIntervalMs: given.BAROMETER_CHECKPOINT_SECONDS * 1000,
  };
}
