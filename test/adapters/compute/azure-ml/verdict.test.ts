import assert from 'node:assert/strict';
import type { EndedJob } from '../../../../adapters/compute/azure-ml/verdict.ts';
import { toVerdict } from '../../../../adapters/compute/azure-ml/verdict.ts';

const HOUR_MS = 3_600_000;
const job = { name: 'a-job', attempt: 1, phase: 'failed', createdAt: new Date(0), studioUrl: 'https://ml.azure.com/runs/a-job' } as const;
const ended: EndedJob = { job, failed: null, spokeForMs: HOUR_MS, timeoutMs: 12 * HOUR_MS, log: 'one\ntwo\n' };

describe('what became of a job', () => {
  it('is nothing to complain of when it completed', () => {
    assert.equal(toVerdict({ ...ended, job: { ...job, phase: 'completed' } }), null);
  });

  it('is what the program says, when it says so', () => {
    const failure = toVerdict({ ...ended, failed: { type: 'failed', kind: 'too-few-samples', message: 'No fearful faces.' } });
    assert.equal(failure?.kind, 'too-few-samples');
    assert.equal(failure.message, 'No fearful faces. (Azure ML job a-job.) Its last words: one / two');
  });

  it('is an interruption, which another try may mend, when the program was cut off', () => {
    const failure = toVerdict(ended);
    assert.equal(failure?.kind, 'training-interrupted');
    assert.match(failure.message, /See https:\/\/ml\.azure\.com\/runs\/a-job Its last words: one \/ two$/);
  });

  it('is the time limit when the program spoke until then', () => {
    const failure = toVerdict({ ...ended, job: { ...job, phase: 'cancelled' }, spokeForMs: 11.9 * HOUR_MS });
    assert.equal(failure?.retryable, false);
    assert.match(failure.message, /its limit of 12 hours: raise BAROMETER_AZURE_ML_JOB_HOURS/);
  });

  it('is somebody’s decision when it was cancelled before', () => {
    const failure = toVerdict({ ...ended, job: { ...job, phase: 'cancelled' } });
    assert.equal(failure?.retryable, false);
    assert.match(failure.message, /cancelled in the workspace/);
  });

  it('gives no last words of an attempt before it', () => {
    const failure = toVerdict({ ...ended, spokeForMs: null });
    assert.doesNotMatch(failure!.message, /one \/ two/);
    assert.match(failure!.message, /"Storage Blob Data Contributor"/);
  });
});
