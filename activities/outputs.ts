import { Failure } from '../domain/failure.ts';
import type { ImageTransform } from '../domain/image-transform.ts';
import { toDatasetTransform } from '../domain/image-transform.ts';

export interface OutputDependencies {
  readonly registry: {
    resolveAlias(alias: 'latest'): Promise<{ readonly version: number } | null>;
  };
  readonly datasets: {
    newestDataset(transform: ImageTransform): Promise<{ readonly version: string } | null>;
    newestSplit(transform: ImageTransform): Promise<{ readonly version: string } | null>;
  };
}

export interface OutputRequest {
  /** Of images out of which faces were cut, or of whole ones. */
  readonly cropFaces: boolean;
}

export type OutputActivities = ReturnType<typeof createOutputActivities>;

/** Finds what earlier runs left, for runs that skip the step which makes it. */
export function createOutputActivities({ datasets, registry }: OutputDependencies) {
  return {
    async findNewestDataset(request?: OutputRequest): Promise<string> {
      const newest = await datasets.newestDataset(toTransform(request));
      if (newest !== null) return newest.version;
      throw new Failure('nothing-to-use', `There is no data set ${toKind(request)} yet that this version of the code can use. Run with processing switched on.`);
    },

    async findNewestSplit(request?: OutputRequest): Promise<string> {
      const newest = await datasets.newestSplit(toTransform(request));
      if (newest !== null) return newest.version;
      throw new Failure('nothing-to-use', `There is no split ${toKind(request)} yet that this version of the code can train on. Run with splitting switched on.`);
    },

    async findLatestModel(): Promise<number> {
      const latest = await registry.resolveAlias('latest');
      if (latest !== null) return latest.version;
      throw new Failure('nothing-to-use', 'There is no registered model yet to roll out. Run with training switched on.');
    },
  };
}

/** Runs of before faces could be cut out ask for nothing. */
function toTransform(request: OutputRequest = { cropFaces: false }): ImageTransform {
  return toDatasetTransform(request);
}

function toKind(request: OutputRequest = { cropFaces: false }): string {
  return request.cropFaces ? 'of cut-out faces' : 'of whole images';
}
