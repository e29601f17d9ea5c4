import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toRunReport } from '../../../cli/report/run-report.ts';
import { toRunState } from '../../support/run-states.ts';
import { toReportedRun } from '../../support/reported-runs.ts';

const NONE = { curves: null, confusion: null };
const headings = (page: string) => page.split('\n').filter((line) => line.startsWith('### ')).map((line) => line.slice(4));

describe('the report of a run', () => {
  it('tells all of it, the most important first', () => {
    assert.deepEqual(headings(toRunReport(toReportedRun(), NONE)), ['Accuracy', 'By expression', 'Taken for what', 'Training', 'Steps', 'What it made']);
  });

  it('tells what is known where no worker answered', () => {
    const page = toRunReport(toReportedRun({ standing: { status: 'failed', reason: 'No worker.', state: null }, training: null }), NONE);
    assert.deepEqual(headings(page), []);
    assert.match(page, /No worker\.[\s\S]*What to do next/);
  });

  it('leaves out what doesn\'t fit, the least important first, and says so', () => {
    const run = toReportedRun();
    const whole = Buffer.byteLength(toRunReport(run, NONE));
    const shorter = toRunReport(run, NONE, whole - 1);
    assert.ok(Buffer.byteLength(shorter) <= whole - 1);
    assert.deepEqual(headings(shorter), ['Accuracy', 'By expression', 'Taken for what', 'Steps', 'What it made']);
    assert.match(shorter, /left out here for its length/);
    assert.deepEqual(headings(toRunReport(run, NONE, 400)), []);
  });

  it('keeps the longest reason within a comment', () => {
    const standing = { status: 'failed', reason: 'ab\n'.repeat(100_000), state: toRunState({ ingest: { status: 'failed', note: 'x'.repeat(100_000) } }) } as const;
    assert.ok(toRunReport(toReportedRun({ standing }), NONE, 65_000).length <= 65_000);
  });
});
