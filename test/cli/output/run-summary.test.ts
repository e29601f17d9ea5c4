import assert from 'node:assert/strict';
import { toRunSummary } from '../../../cli/output/run-summary.ts';
import type { RunState } from '../../../domain/run-state.ts';
import { toRunState } from '../../support/run-states.ts';

const TRAINED: RunState = {
  ...toRunState(),
  outcome: 'registered',
  datasetVersion: '20261124T015500Z-1a2b3c4',
  splitVersion: '20261124T015500Z-1a2b3c4.test-0.2',
  accuracy: 0.58,
  gate: { passed: true, reason: '58.0 % of the test images right.' },
  model: { name: 'emotions-cnn', version: 7, accuracy: 0.58 },
};

describe('the summary of a run', () => {
  it('names the registered version, why it passed and what it was made from', () => {
    assert.deepEqual(toRunSummary({ status: 'succeeded', state: TRAINED }).split('\n'), [
      '',
      'Registered emotions-cnn version 7.',
      '  gate      58.0 % of the test images right.',
      '  accuracy  58.0 % of unseen images',
      '  data      20261124T015500Z-1a2b3c4.test-0.2',
      '  run       20261124T015500Z-1a2b3c4',
    ]);
  });

  it('tells how each of several candidates did', () => {
    const { hyperparameters } = TRAINED.input;
    const candidates = [
      { name: `${TRAINED.runName}.c1`, hyperparameters, validationAccuracy: 0.613, failure: null },
      { name: `${TRAINED.runName}.c2`, hyperparameters, validationAccuracy: null, failure: 'The loss is not a number.' },
    ];
    assert.match(toRunSummary({ status: 'succeeded', state: { ...TRAINED, candidates } }), /\n {2}tried {5}c1 61\.3 %, c2 failed\n/);
  });

  it('says that a candidate was turned away, and why', () => {
    const state: RunState = { ...TRAINED, outcome: 'rejected', model: null, gate: { passed: false, reason: 'Too weak.' } };
    assert.match(toRunSummary({ status: 'succeeded', state }), /^\nThe candidate was turned away\.\n {2}gate {6}Too weak\./);
  });

  it('says who held the rollout back', () => {
    const approval = { decision: 'rejected', askedAt: '2026-11-24T01:55:00.000Z', deadline: '2026-11-27T01:55:00.000Z', by: 'kim', reason: 'not on a Friday', decidedAt: '2026-11-24T02:00:00.000Z' } as const;
    const lines = toRunSummary({ status: 'succeeded', state: { ...TRAINED, outcome: 'not-approved', approval } }).split('\n');
    assert.deepEqual(lines.slice(1, 3), ['Registered emotions-cnn version 7.', 'Not rolled out: rejected by kim, 2026-11-24 02:00 UTC: not on a Friday.']);
  });

  it('says that nothing was trained, and names the data set', () => {
    const state: RunState = { ...toRunState(), outcome: 'completed', datasetVersion: 'data' };
    assert.deepEqual(toRunSummary({ status: 'succeeded', state }).split('\n').slice(1, 3), ['Done; nothing was trained.', '  data      data']);
  });

  it('says what a run failed or was stopped by', () => {
    assert.equal(toRunSummary({ status: 'failed', reason: 'No fearful faces.', state: null }), '\nThe run failed: No fearful faces.');
    assert.equal(toRunSummary({ status: 'cancelled', reason: 'The run was cancelled.', state: null }), '\nThe run was stopped: The run was cancelled.');
  });
});
