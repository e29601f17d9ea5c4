import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toStepsTable } from '../../../cli/report/steps-table.ts';
import { PIPELINE_STEPS } from '../../../domain/pipeline.ts';
import { toRunState } from '../../support/run-states.ts';
import { toTrainedState } from '../../support/reported-runs.ts';

describe('the table of steps', () => {
  it('tells of each how long it took, how often it was tried, and what came of it', () => {
    const lines = toStepsTable(toTrainedState(), new Map([['resize', 3]])).split('\n');
    assert.equal(lines.filter((line) => line.startsWith('| ')).length, PIPELINE_STEPS.length + 2);
    assert.ok(lines.includes('| ✅ | ingest | 4.2&nbsp;s |  | 40 images |'));
    assert.ok(lines.includes('| ♻️ | resize | 1&nbsp;min&nbsp;01&nbsp;s | 3 | nothing \\| new; taken over from run `20261123T000000Z-9f8e7d6` |'));
    assert.ok(lines.includes('| · | split |  |  |  |'));
  });

  it('does not say twice which run a step was taken over from', () => {
    const text = toStepsTable(toRunState({ ingest: { status: 'succeeded', note: 'as in run a-run: 12 images', cachedFrom: 'a-run' } }), new Map());
    assert.match(text, /\| ♻️ \| ingest \| {2}\| {2}\| as in run a-run: 12 images \|/);
  });

  it('shortens what would fill a page', () => {
    const text = toStepsTable(toRunState({ ingest: { status: 'failed', note: 'x'.repeat(5_000) } }), new Map());
    assert.ok(text.length < 1_500);
    assert.match(text, /x… \|/);
  });
});
