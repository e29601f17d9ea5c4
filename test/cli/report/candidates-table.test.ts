import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toCandidatesTable } from '../../../cli/report/candidates-table.ts';
import { toTrainedState } from '../../support/reported-runs.ts';

describe('the table of candidates', () => {
  it('shows what they were trained with, the best one, and why one has no result', () => {
    const state = toTrainedState();
    const { hyperparameters } = state.input;
    const candidates = [
      { name: `${state.runName}.c1`, hyperparameters, validationAccuracy: 0.613, failure: null },
      { name: `${state.runName}.c2`, hyperparameters, validationAccuracy: null, failure: 'The loss | is not a number.' },
    ];
    const text = toCandidatesTable({ ...state, candidates, candidate: `${state.runName}.c1` })!;
    assert.match(text, /\| \*\*c1\*\* \| 1 \| 0\.002 \| 0\.0001 \| 0\.1 \| 61\.3 % \|/);
    assert.match(text, /\| c2 \| .* \| The loss \\\| is not a number\. \|/);
  });

  it('is left out where there is but one', () => {
    assert.equal(toCandidatesTable(toTrainedState()), null);
  });
});
