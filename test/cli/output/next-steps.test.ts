import assert from 'node:assert/strict';
import { toNextSteps } from '../../../cli/output/next-steps.ts';
import type { RunDetails } from '../../../cli/runs/read-run.ts';
import type { RunStatus } from '../../../cli/runs/run-entry.ts';
import { GIT_SHA } from '../../support/models.ts';
import { toRunState } from '../../support/run-states.ts';

const NOW = Date.parse('2026-11-24T02:00:00.000Z');
const STATE = toRunState({ ingest: { status: 'succeeded' }, resize: { status: 'failed' } });
const RUN = STATE.runName;

function toDetails(status: RunStatus, changes: Partial<RunDetails> = {}, outcome: string | null = null): RunDetails {
  const entry = { runName: RUN, gitSha: GIT_SHA, status, step: null, outcome, accuracy: null, modelVersion: null, startedAt: '2026-11-24T01:55:00.000Z', endedAt: null, workflowId: 'w', runId: 'r' };
  return { entry, state: STATE, reason: null, history: { attempts: new Map(), retried: new Map(), waiting: [], cancel: null, terminated: null }, isAnswered: null, ...changes };
}

describe('what a person may do about a run', () => {
  it('is to try again from the step that failed, or anew where nobody knows which', () => {
    for (const status of ['failed', 'cancelled'] as const) assert.deepEqual(toNextSteps(toDetails(status), NOW), [`Try again from there: barometer retry ${RUN} --from resize`]);
    assert.deepEqual(toNextSteps(toDetails('failed', { state: null }), NOW), [`Start it again: barometer run --git-sha ${GIT_SHA}`]);
  });

  it('is nothing when all is well', () => {
    assert.deepEqual(toNextSteps(toDetails('succeeded', {}, 'registered'), NOW), []);
    assert.deepEqual(toNextSteps(toDetails('running', { isAnswered: true }), NOW), []);
  });

  it('is to decide, or to ask again', () => {
    assert.deepEqual(toNextSteps(toDetails('waiting', { isAnswered: true }), NOW), [`Decide: barometer approve ${RUN}`, `or: barometer reject ${RUN} --reason …`]);
    assert.deepEqual(toNextSteps(toDetails('succeeded', {}, 'not-approved'), NOW), [`Ask again: barometer retry ${RUN} --from approve`]);
  });

  it('is to start a worker where none is, or none takes an activity up', () => {
    assert.match(toNextSteps(toDetails('running', { isAnswered: false }), NOW).join(), /No worker of the role "pipeline" is running/);
    const waitingSince = (since: string) => toDetails('running', { isAnswered: true, history: { ...toDetails('running').history!, waiting: [{ activity: 'trainModel', since }] } });
    assert.match(toNextSteps(waitingSince('2026-11-24T01:59:00.000Z'), NOW).join(), /No worker has taken up trainModel/);
    assert.deepEqual(toNextSteps(waitingSince('2026-11-24T01:59:50.000Z'), NOW), [], 'a worker may be just about to');
  });
});
