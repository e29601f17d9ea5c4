import type { DatasetManifest, SplitManifest } from '../domain/dataset.ts';
import { countByLabel } from '../domain/dataset.ts';
import type { Emotion } from '../domain/emotion.ts';
import { EMOTIONS } from '../domain/emotion.ts';
import { Failure } from '../domain/failure.ts';
import { CONTAINERS, toSplitVersion } from '../domain/names.ts';
import { splitSamples } from '../domain/split.ts';
import { withHeartbeat } from './heartbeat.ts';

export interface SplitDependencies {
  readonly datasets: {
    readDataset(version: string): Promise<DatasetManifest>;
    /** Publishes a split, unless its version is taken. Returns the one that stands. */
    keepSplit(manifest: SplitManifest): Promise<SplitManifest>;
  };
}

export interface SplitRequest {
  readonly runName: string;
  readonly gitSha: string;
  readonly datasetVersion: string;
  /** Share of the images to keep for testing. */
  readonly testRatio: number;
}

export interface SplitSummary {
  readonly version: string;
  readonly datasetVersion: string;
  readonly counts: { readonly train: Record<Emotion, number>; readonly test: Record<Emotion, number> };
  /** Samples left out because the same image is there already. */
  readonly copies: number;
  /** Images left out because they lie under more than one label. */
  readonly contradictions: number;
}

export type SplitActivities = ReturnType<typeof createSplitActivities>;

export function createSplitActivities({ datasets }: SplitDependencies) {
  return {
    /** Splits a data set into a training and a test side. The same data set and ratio always give the same split. */
    async splitDataset(request: SplitRequest): Promise<SplitSummary> {
      return withHeartbeat(async () => {
        const dataset = await datasets.readDataset(request.datasetVersion);
        const split = toSplit(dataset, request);
        refuseEmptySide(split);
        return toSummary(await datasets.keepSplit(split));
      });
    },
  };
}

function toSplit(dataset: DatasetManifest, { runName, gitSha, testRatio }: SplitRequest): SplitManifest {
  const { train, test, copies, contradictions } = splitSamples(dataset.shards, testRatio);
  return {
    runName,
    gitSha,
    createdAt: new Date().toISOString(),
    version: toSplitVersion(dataset.version, testRatio),
    datasetVersion: dataset.version,
    transform: dataset.transform,
    testRatio,
    counts: { train: countByLabel(train), test: countByLabel(test) },
    copies,
    contradictions,
    train,
    test,
  };
}

function refuseEmptySide({ counts, testRatio, contradictions }: SplitManifest): void {
  const gaps = EMOTIONS.flatMap((label) => {
    const { [label]: train } = counts.train;
    const { [label]: test } = counts.test;
    return train > 0 && test > 0 ? [] : [`${label} (${train} to train on, ${test} to test on)`];
  });
  if (gaps.length === 0) return;
  const twice = contradictions.length === 0 ? '' : ` ${contradictions.length} images lie under more than one label and were left out.`;
  throw new Failure(
    'too-few-samples',
    `With ${testRatio} of the images kept for testing, these labels have none on a side: ${gaps.join(', ')}.${twice} ` +
      `Upload more images of them to the container "${CONTAINERS.raw}", or choose another split ratio.`,
  );
}

function toSummary({ version, datasetVersion, counts, copies, contradictions }: SplitManifest): SplitSummary {
  return { version, datasetVersion, counts, copies, contradictions: contradictions.length };
}
