import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toNextSteps } from '../../../cli/report/next-steps.ts';
import type { RunStanding } from '../../../cli/report/reported-run.ts';
import { toRunState } from '../../support/run-states.ts';
import { toReportedRun, toTrainedState } from '../../support/reported-runs.ts';

const next = (standing: RunStanding) => toNextSteps(toReportedRun({ standing }));

describe('what to do next', () => {
  it('is to go on from the step that failed', () => {
    const state = toRunState({ ingest: { status: 'succeeded' }, resize: { status: 'skipped' }, split: { status: 'failed' } });
    assert.match(next({ status: 'failed', reason: 'x', state })!, /```sh\nbarometer retry 20261124T015500Z-1a2b3c4 --from split\n```/);
    assert.match(next({ status: 'failed', reason: 'x', state: null })!, /barometer retry pipeline-1a2b3c4\w+ --from ingest/);
  });

  it('is to go on where it was stopped', () => {
    const state = toRunState({ ingest: { status: 'succeeded' }, resize: { status: 'cancelled' } });
    assert.match(next({ status: 'cancelled', reason: 'x', state })!, /--from resize/);
  });

  it('is to decide, by when', () => {
    const approval = { decision: null, askedAt: '2026-11-24T02:00:00.000Z', deadline: '2026-11-27T02:00:00.000Z', by: null, reason: '', decidedAt: null };
    const text = next({ status: 'running', state: { ...toTrainedState(), approval } })!;
    assert.match(text, /by 2026-11-27 02:00 UTC/);
    assert.match(text, /barometer approve 20261124T015500Z-1a2b3c4\nbarometer reject 20261124T015500Z-1a2b3c4 --reason/);
  });

  it('is to ask again, after a no', () => {
    assert.match(next({ status: 'succeeded', state: toTrainedState({ outcome: 'not-approved' }) })!, /--from approve/);
  });

  it('is nothing when all is well, or while it goes on', () => {
    assert.equal(next({ status: 'succeeded', state: toTrainedState() }), null);
    assert.equal(next({ status: 'running', state: toRunState() }), null);
  });
});
