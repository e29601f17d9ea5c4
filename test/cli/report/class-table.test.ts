import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toClassTable } from '../../../cli/report/class-table.ts';
import { toEvaluation, toTrainedState } from '../../support/reported-runs.ts';

describe('the table of expressions', () => {
  it('has the scores of each, with the difference to the champion', () => {
    const text = toClassTable(toTrainedState().report!);
    assert.match(text, /\| happy \| 90\.0 % <sub>▲ 20\.0<\/sub> \| 90\.0 % <sub>▲ 20\.0<\/sub> \| 90\.0 % <sub>▲ 20\.0<\/sub> \| 10 \|/);
    assert.match(text, /against version 6, on the 40 images/);
    assert.equal(text.split('\n').filter((line) => line.startsWith('| ')).length, 6);
  });

  it('has the scores alone where there is no champion', () => {
    const text = toClassTable({ evaluation: toEvaluation(2), champion: null });
    assert.match(text, /\| fearful \| 80\.0 % \| 80\.0 % \| 80\.0 % \| 10 \|$/);
  });
});
