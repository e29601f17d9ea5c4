import type { DatasetManifest, SplitManifest } from '../domain/dataset.ts';
import { countByLabel } from '../domain/dataset.ts';
import type { Emotion } from '../domain/emotion.ts';
import { EMOTIONS } from '../domain/emotion.ts';
import { Failure } from '../domain/failure.ts';
import { CONTAINERS, toSplitVersion } from '../domain/names.ts';
import { splitSamples } from '../domain/split.ts';
import type { Recollection } from '../domain/step-memory.ts';
import { toSplitDigest } from './content-digest.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { StepMemory } from './remembered.ts';
import { createRememberedWork } from './remembered.ts';

export interface SplitDependencies {
  readonly datasets: {
    readDataset(version: string): Promise<DatasetManifest>;
    /** Publishes a split, unless its version is taken. Returns the one that stands. */
    keepSplit(manifest: SplitManifest): Promise<SplitManifest>;
    findSplit(version: string): Promise<SplitManifest | null>;
    /** The names of raw images to leave out. */
    readExclusions(digest: string): Promise<readonly string[]>;
  };
  readonly memory: StepMemory;
  /** The version of the code that splits. */
  readonly readCode: () => Promise<string>;
}

export interface SplitRequest {
  readonly runName: string;
  readonly gitSha: string;
  readonly datasetVersion: string;
  /** Share of the images to keep for testing. */
  readonly testRatio: number;
  /** Digest of a list of raw images that are left out of the training side. Missing in requests of before that could be asked. */
  readonly exclusions?: string | null;
  /** False: it is split anew. Missing in requests of before that was asked. */
  readonly useCache?: boolean;
}

export interface SplitSummary {
  readonly version: string;
  readonly datasetVersion: string;
  readonly counts: { readonly train: Record<Emotion, number>; readonly test: Record<Emotion, number> };
  /** Samples left out because the same image is there already. */
  readonly copies: number;
  /** Images left out of the training side because the run was asked to. */
  readonly excluded: number;
  /** Images left out because they lie under more than one label. */
  readonly contradictions: number;
  /** The run that made the split; null when this one did. */
  readonly cachedFrom: string | null;
}

export type SplitActivities = ReturnType<typeof createSplitActivities>;

export function createSplitActivities({ datasets, memory, readCode }: SplitDependencies) {
  const work = createRememberedWork(memory, 'split');

  return {
    /** Splits a data set into a training and a test side. The same data set and ratio always give the same split. */
    async splitDataset(request: SplitRequest): Promise<SplitSummary> {
      return withHeartbeat(async () => {
        const { runName, datasetVersion, testRatio, exclusions = null, useCache = true } = request;
        const inputs = { datasetVersion, testRatio, ...(exclusions === null ? {} : { exclusions }), code: await readCode() };
        const former = useCache ? await work.reuse(inputs, findFormer) : null;
        if (former !== null) return toSummary(former, former.runName === runName ? null : former.runName);

        const names = exclusions === null ? [] : await datasets.readExclusions(exclusions);
        const split = toSplit(await datasets.readDataset(datasetVersion), request, names);
        refuseEmptySide(split);
        const standing = await publish(split);
        await work.remember(inputs, { output: { name: standing.version, digest: toSplitDigest(standing) }, runName: standing.runName, gitSha: standing.gitSha });
        return toSummary(standing, null);
      });
    },
  };

  async function findFormer({ output }: Recollection): Promise<SplitManifest | null> {
    const split = await datasets.findSplit(output.name);
    // Asked for once more, it is the newest.
    return split !== null && toSplitDigest(split) === output.digest ? datasets.keepSplit(split) : null;
  }

  /** Beside a split of the same name that says something else, for runs may be under way that go by that one. */
  async function publish(split: SplitManifest): Promise<SplitManifest> {
    const digest = toSplitDigest(split);
    const standing = await datasets.keepSplit(split);
    return toSplitDigest(standing) === digest ? standing : datasets.keepSplit({ ...split, version: `${split.version}.${digest.slice(0, 7)}` });
  }
}

function toSplit(dataset: DatasetManifest, { runName, gitSha, testRatio, exclusions = null }: SplitRequest, names: readonly string[]): SplitManifest {
  const { train, test, copies, excluded, contradictions } = splitSamples(dataset.shards, testRatio, names);
  return {
    runName,
    gitSha,
    createdAt: new Date().toISOString(),
    version: toSplitVersion(dataset.version, testRatio, exclusions),
    datasetVersion: dataset.version,
    transform: dataset.transform,
    testRatio,
    counts: { train: countByLabel(train), test: countByLabel(test) },
    copies,
    excluded,
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

function toSummary({ version, datasetVersion, counts, copies, excluded, contradictions }: SplitManifest, cachedFrom: string | null): SplitSummary {
  return { version, datasetVersion, counts, copies, excluded, contradictions: contradictions.length, cachedFrom };
}
