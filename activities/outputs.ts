import { Failure } from '../domain/failure.ts';
import type { ImageTransform } from '../domain/image-transform.ts';
import { IMAGE_TRANSFORM } from '../domain/image-transform.ts';

export interface OutputDependencies {
  readonly datasets: {
    newestDataset(transform: ImageTransform): Promise<{ readonly version: string } | null>;
    newestSplit(transform: ImageTransform): Promise<{ readonly version: string } | null>;
  };
}

export type OutputActivities = ReturnType<typeof createOutputActivities>;

/** Finds what earlier runs left, for runs that skip the step which makes it. */
export function createOutputActivities({ datasets }: OutputDependencies) {
  return {
    async findNewestDataset(): Promise<string> {
      const newest = await datasets.newestDataset(IMAGE_TRANSFORM);
      if (newest !== null) return newest.version;
      throw new Failure('nothing-to-use', 'There is no data set yet that this version of the code can use. Run with processing switched on.');
    },

    async findNewestSplit(): Promise<string> {
      const newest = await datasets.newestSplit(IMAGE_TRANSFORM);
      if (newest !== null) return newest.version;
      throw new Failure('nothing-to-use', 'There is no split yet that this version of the code can train on. Run with splitting switched on.');
    },
  };
}
