import assert from 'node:assert/strict';
import { toAccuracyText, toChampionText, toClassTable, toConfusionTable } from '../../../cli/output/evaluation-text.ts';
import { evaluate } from '../../../domain/evaluation.ts';
import { toModelCard } from '../../support/models.ts';

const { evaluation } = toModelCard();

describe('an evaluation in words', () => {
  it('gives the accuracy with its interval and what it was measured on', () => {
    assert.equal(toAccuracyText(evaluation), '75.0 % (95 %: 50.5 % – 89.8 %) of 16 unseen images');
  });

  it('sets the champion beside the candidate, on the images that neither has seen', () => {
    const text = toChampionText({ version: 3, evaluation, candidate: evaluate([{ truth: 'sad', answer: 'sad' }]) });
    assert.match(text, /^version 3 has 75\.0 % \(.*\) of the 16 images that neither has seen, the candidate 100\.0 %/);
  });

  it('says why there is nothing to compare with', () => {
    assert.match(toChampionText(null), /no earlier model/);
    assert.match(toChampionText({ version: 3, evaluation: evaluate([]), candidate: evaluation }), /version 3 has seen all of the test images/);
  });

  it('has a row for each label', () => {
    assert.match(toClassTable(evaluation), /^ +precision +recall +F1 +images\n.*\nhappy +75\.0 % +75\.0 % +75\.0 % +4\nsad /);
    assert.match(toConfusionTable(evaluation), /\nis happy +3 +1 +0 +0\nis sad +0 +3 +1 +0\n/);
  });
});
