import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toHeadline, toOpening } from '../../../cli/report/headline.ts';
import { toRunState } from '../../support/run-states.ts';
import { toReportedRun, toTrainedState } from '../../support/reported-runs.ts';

const WAITING = { decision: null, askedAt: '2026-11-24T02:00:00.000Z', deadline: '2026-11-27T02:00:00.000Z', by: null, reason: '', decidedAt: null } as const;

describe('the headline of a report', () => {
  it('tells every outcome in a line', () => {
    const state = toTrainedState();
    const succeeded = (more: Parameters<typeof toTrainedState>[0]) => toHeadline({ status: 'succeeded', state: toTrainedState(more) });
    assert.equal(toHeadline({ status: 'succeeded', state }), '✅ Registered and rolled out emotions-cnn version 7');
    assert.equal(succeeded({ release: null }), '✅ Registered emotions-cnn version 7');
    assert.equal(succeeded({ outcome: 'rejected', gate: { passed: false, reason: 'Too weak.' } }), '🚧 Turned away by the gate: Too weak.');
    assert.equal(succeeded({ outcome: 'not-approved', approval: { ...WAITING, decision: 'rejected', by: 'ada', reason: 'no' } }), '🙅 Not rolled out: ada said no');
    assert.equal(succeeded({ outcome: 'not-approved', approval: { ...WAITING, decision: 'rejected' } }), '🙅 Not rolled out: nobody let it through in time');
    assert.equal(succeeded({ outcome: 'completed', release: null }), '✅ Done; nothing was trained');
    assert.equal(succeeded({ outcome: 'completed' }), '✅ Rolled out model version 7; nothing was trained');
  });

  it('says where a run is, failed or was stopped', () => {
    assert.equal(toHeadline({ status: 'running', state: toRunState({ train: { status: 'running' } }) }), '⏳ Under way: train');
    assert.equal(toHeadline({ status: 'running', state: null }), '⏳ Under way');
    assert.match(toHeadline({ status: 'running', state: { ...toRunState(), approval: WAITING } }), /Waits for a person/);
    assert.equal(toHeadline({ status: 'failed', reason: 'x', state: toRunState({ train: { status: 'failed' } }) }), '❌ Failed at train');
    assert.equal(toHeadline({ status: 'cancelled', reason: 'x', state: null }), '🛑 Stopped');
  });

  it('opens with the run, its commit, its time, and the way to watch it', () => {
    assert.match(toOpening(toReportedRun()), /^## ✅ .*\n\nRun `20261124T015500Z-1a2b3c4` of commit `1a2b3c4` · took 1 min 05 s · \[watch it in Temporal\]\(https:\/\/temporal\.example\//);
  });

  it('gives the reason of a failure line by line, as it is', () => {
    const opening = toOpening(toReportedRun({ standing: { status: 'failed', reason: 'It | broke.\n<b>log</b>', state: null } }));
    assert.match(opening, /\n> \[!CAUTION\]\n> It \\\| broke\.<br>&lt;b&gt;log&lt;\/b&gt;$/);
    assert.match(opening, /`pipeline-1a2b3c4/);
  });
});
