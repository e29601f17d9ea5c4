import { toRunOfCandidate } from '../domain/candidates.ts';
import type { ComputeKind } from '../domain/compute.ts';
import type { SplitManifest } from '../domain/dataset.ts';
import type { StepInputs } from '../domain/step-memory.ts';
import type { TrainingResult, TrainingSpec } from '../domain/training.ts';
import type { AdoptTrainingDependencies } from './adopt-training.ts';
import { toDigest, toSamplesDigest } from './content-digest.ts';
import type { StepMemory } from './remembered.ts';
import { createRememberedWork } from './remembered.ts';

export interface FormerTrainingDependencies {
  readonly runs: AdoptTrainingDependencies['runs'];
  readonly datasets: {
    readSplit(version: string): Promise<SplitManifest>;
  };
  readonly memory: StepMemory;
  /** The version of the code that trains on this machine now. */
  readonly readCode: () => Promise<string>;
}

/** Networks that were trained before, for trainings that would only give the same. */
export interface FormerTraining {
  /** All that the network follows from. The test side of the split is not in it: training never looks there. */
  readInputs(compute: ComputeKind, spec: TrainingSpec): Promise<StepInputs>;
  /** Makes what an earlier training gave this run's own; null when there is none, or not all of it. */
  adopt(inputs: StepInputs, runName: string): Promise<TrainingResult | null>;
  remember(inputs: StepInputs, result: TrainingResult): Promise<void>;
}

export function createFormerTraining({ runs, datasets, memory, readCode }: FormerTrainingDependencies): FormerTraining {
  const work = createRememberedWork(memory, 'train');

  return {
    async readInputs(compute, { splitVersion, hyperparameters, gitSha }) {
      const { train, transform } = await datasets.readSplit(splitVersion);
      // Elsewhere it is the image of the commit that trains, not the files of this machine.
      const code = compute === 'local' ? await readCode() : `commit ${gitSha}`;
      return { images: toSamplesDigest(train), transform, hyperparameters, compute, code };
    },

    adopt: (inputs, runName) =>
      work.reuse(inputs, async ({ output }) => {
        const former = await runs.findResult(output.name);
        if (former === null || toFilesDigest(former) !== output.digest) return null;
        return runs.adoptTraining(output.name, runName);
      }),

    async remember(inputs, result) {
      const { runName, gitSha } = result.spec;
      await work.remember(inputs, { output: { name: runName, digest: toFilesDigest(result) }, runName: toRunOfCandidate(runName), gitSha });
    },
  };
}

function toFilesDigest({ files }: TrainingResult): string {
  return toDigest(files.map(({ name, digest }) => `${digest} ${name}`).sort().join('\n'));
}
