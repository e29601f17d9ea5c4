import assert from 'node:assert/strict';
import { toStatusText } from '../../../cli/output/run-status.ts';

describe('how a run stands, in a few words', () => {
  const cases: [Parameters<typeof toStatusText>[0], string][] = [
    [{ status: 'running', step: null, outcome: null }, 'running'],
    [{ status: 'running', step: 'train', outcome: null }, 'running: train'],
    [{ status: 'running', step: 'roll-out', outcome: 'registered' }, 'finishing'],
    [{ status: 'waiting', step: 'approve', outcome: null }, 'waits for approval'],
    [{ status: 'succeeded', step: 'register', outcome: 'registered' }, 'registered'],
    [{ status: 'succeeded', step: 'evaluate', outcome: 'rejected' }, 'turned away'],
    [{ status: 'succeeded', step: 'approve', outcome: 'not-approved' }, 'not approved'],
    [{ status: 'succeeded', step: 'split', outcome: 'completed' }, 'done, nothing trained'],
    [{ status: 'failed', step: 'train', outcome: null }, 'failed at train'],
    [{ status: 'cancelled', step: null, outcome: null }, 'cancelled'],
  ];
  for (const [run, text] of cases) it(`says "${text}"`, () => { assert.equal(toStatusText(run), text); });
});
