import assert from 'node:assert/strict';
import { EXIT_CODES, EXIT_CODE_TEXT, toExitCode } from '../../cli/exit-codes.ts';
import { toRunState } from '../support/run-states.ts';

describe('the exit code of a run', () => {
  it('is 0 when a model was registered, or when none was to be trained', () => {
    for (const outcome of ['registered', 'completed'] as const) assert.equal(toExitCode({ status: 'succeeded', state: { ...toRunState(), outcome } }), 0);
  });

  it('is one of its own when the gate turned the candidate away', () => {
    assert.equal(toExitCode({ status: 'succeeded', state: { ...toRunState(), outcome: 'rejected' } }), 3);
    assert.equal(new Set(Object.values(EXIT_CODES)).size, Object.keys(EXIT_CODES).length);
  });

  it('is another one when a person did not let the rollout through', () => {
    assert.equal(toExitCode({ status: 'succeeded', state: { ...toRunState(), outcome: 'not-approved' } }), 4);
    assert.match(EXIT_CODE_TEXT, /3 turned away by the gate, 4 not approved/);
  });

  it('is 1 when the run failed or was stopped', () => {
    for (const status of ['failed', 'cancelled'] as const) assert.equal(toExitCode({ status, reason: '', state: null }), 1);
  });
});
