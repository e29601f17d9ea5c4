import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toAccuracy } from '../../../cli/report/accuracy.ts';
import { evaluate } from '../../../domain/evaluation.ts';
import { toRunState } from '../../support/run-states.ts';
import { toEvaluation, toTrainedState } from '../../support/reported-runs.ts';

describe('the accuracy in a report', () => {
  it('stands beside the champion on the same images, with its confidence', () => {
    const text = toAccuracy(toTrainedState())!;
    assert.match(text, /\*\*90\.0 %\*\* of 40 unseen images right \(95 % confidence: \d+\.\d % to \d+\.\d %\)/);
    assert.match(text, /\| on the 40 images that neither has seen \|/);
    assert.match(text, /\| \*\*version 7\*\* \| 90\.0 % \| .* \| \*\*▲ 20\.0\*\* \|\n\| version 6 \(champion\) \| 70\.0 % \|/);
    assert.match(text, /\*\*Gate:\*\* passed\. 90\.0 % right/);
  });

  it('calls a network that is registered already the candidate that it is', () => {
    assert.match(toAccuracy(toTrainedState({ model: { name: 'emotions-cnn', version: 6, accuracy: 0.9 } }))!, /\| \*\*this candidate\*\* \|/);
  });

  it('says when there is nothing to compare with', () => {
    const evaluation = toEvaluation(1);
    assert.match(toAccuracy(toTrainedState({ report: { evaluation, champion: null } }))!, /no earlier version/);
    const none = evaluate([]);
    assert.match(toAccuracy(toTrainedState({ report: { evaluation, champion: { version: 6, evaluation: none, candidate: none } } }))!, /can't be compared with version 6/);
  });

  it('is left out where nothing was measured, and brief where no more is known', () => {
    assert.equal(toAccuracy(toRunState()), null);
    assert.match(toAccuracy({ ...toRunState(), accuracy: 0.5 })!, /\*\*50\.0 %\*\* of the unseen images right/);
  });
});
