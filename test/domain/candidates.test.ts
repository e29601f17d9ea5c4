import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MOST_CANDIDATES, toCandidateHyperparameters, toCandidateLabel, toCandidateSpecs, toRunOfCandidate } from '../../domain/candidates.ts';
import { hyperparametersSchema, trainingSpecSchema } from '../../domain/training.ts';

const RECIPE = hyperparametersSchema.parse({});
const SPEC = trainingSpecSchema.parse({ runName: 'run', gitSha: 'a'.repeat(40), splitVersion: 'split', hyperparameters: {} });

describe('the candidates of a run', () => {
  it('begin with the recipe as it is given', () => {
    assert.deepEqual(toCandidateHyperparameters(RECIPE, 3)[0], RECIPE);
  });

  it('all differ, also in their seed, and are all allowed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MOST_CANDIDATES }), fc.double({ min: 0, max: 0.5, noNaN: true }), (count, labelSmoothing) => {
        const candidates = toCandidateHyperparameters({ ...RECIPE, labelSmoothing }, count);
        assert.equal(new Set(candidates.map(({ seed }) => seed)).size, count);
        for (const each of candidates) assert.deepEqual(hyperparametersSchema.parse(each), each);
      }),
    );
  });

  it('are the same every time, and the first ones do not change when there are more', () => {
    assert.deepEqual(toCandidateHyperparameters(RECIPE, 6).slice(0, 4), toCandidateHyperparameters(RECIPE, 4));
  });

  it('have names of their own, but a single one has the name of the run', () => {
    assert.deepEqual(toCandidateSpecs(SPEC, 1), [SPEC]);
    assert.deepEqual(toCandidateSpecs(SPEC, 3).map(({ runName }) => runName), ['run.c1', 'run.c2', 'run.c3']);
    for (const { gitSha, splitVersion } of toCandidateSpecs(SPEC, 2)) assert.deepEqual({ gitSha, splitVersion }, { gitSha: SPEC.gitSha, splitVersion: 'split' });
  });

  it('go by a short name where there are several', () => {
    assert.deepEqual(toCandidateSpecs(SPEC, 12).map(({ runName }) => toCandidateLabel(runName)).at(-1), 'c12');
    assert.equal(toCandidateLabel(SPEC.runName), null);
  });

  it('belong to the run whose name theirs begins with', () => {
    for (const count of [1, 12]) {
      for (const { runName } of toCandidateSpecs(SPEC, count)) assert.equal(toRunOfCandidate(runName), SPEC.runName);
    }
  });
});
