import assert from 'node:assert/strict';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import { hyperparametersSchema } from '../../domain/training.ts';

const SHA = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d';

describe('the input of a run', () => {
  it('needs a commit alone: everything but the roll-out is on', () => {
    assert.deepEqual(pipelineInputSchema.parse({ gitSha: SHA }), {
      gitSha: SHA,
      process: true,
      split: true,
      splitRatio: 0.2,
      cropFaces: false,
      exclusions: null,
      train: true,
      deploy: 'auto',
      compute: 'local',
      candidates: 1,
      hyperparameters: hyperparametersSchema.parse({}),
      approval: false,
      approvalLimitHours: 72,
      cache: true,
      reuse: null,
    });
  });

  it('fills up hyperparameters of which only some are given', () => {
    const { hyperparameters } = pipelineInputSchema.parse({ gitSha: SHA, hyperparameters: { epochs: 2 } });
    assert.deepEqual(hyperparameters, hyperparametersSchema.parse({ epochs: 2 }));
  });

  it('is refused without a full commit id, with a split that leaves a side empty, with unknown compute, or with none or too many candidates', () => {
    const bad = [{}, { gitSha: '1a2b3c4' }, { gitSha: SHA, splitRatio: 0 }, { gitSha: SHA, splitRatio: 1 }, { gitSha: SHA, compute: 'abacus' }, { gitSha: SHA, candidates: 0 }, { gitSha: SHA, candidates: 17 }];
    for (const each of bad) assert.equal(pipelineInputSchema.safeParse(each).success, false, JSON.stringify(each));
  });
});
