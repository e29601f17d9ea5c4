import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toCurves } from '../../../cli/report/curves.ts';
import { toHistory } from '../../support/reported-runs.ts';

const training = (epochs: number) => ({ history: toHistory(epochs), bestEpoch: epochs, parameters: 741_156, seconds: 168 });

describe('the curves in a report', () => {
  it('are a picture where there is one', () => {
    const text = toCurves(training(5), 'curves.png')!;
    assert.match(text, /<img src="curves\.png"/);
    assert.doesNotMatch(text, /mermaid/);
    assert.match(text, /5 epochs, the best was epoch 5 with 81\.7 % of the validation images right, 741,156 parameters, 2 min 48 s\./);
  });

  it('are charts that GitHub draws otherwise, two lines in each', () => {
    const text = toCurves(training(3), null)!;
    const charts = [...text.matchAll(/```mermaid\n([\s\S]*?)\n```/g)].map(([, chart]) => chart!);
    assert.equal(charts.length, 2);
    assert.match(charts[0]!, /xychart-beta\n {2}title "Loss"\n {2}x-axis "epoch" 1 --> 3\n {2}y-axis 0\.333 --> 1\.100\n {2}line \[1\.000, 0\.500, 0\.333\]\n {2}line \[1\.100, 0\.550, 0\.367\]/);
  });

  it('have no more points than can be told apart, and always the last', () => {
    const line = /line \[(.*)\]/.exec(toCurves(training(500), null)!)![1]!.split(', ');
    assert.ok(line.length <= 60, `${line.length} points`);
    assert.equal(line.at(-1), '0.002');
  });

  it('are left out where nothing is known', () => {
    assert.equal(toCurves(null, null), null);
    assert.doesNotMatch(toCurves(training(1), null)!, /mermaid/);
  });
});
