import assert from 'node:assert/strict';
import { decisionSchema, isWaiting } from '../../domain/approval.ts';

const ASKED = { decision: null, askedAt: '2026-11-24T01:55:00.000Z', deadline: '2026-11-27T01:55:00.000Z', by: null, reason: '', decidedAt: null };

describe('a decision about a rollout', () => {
  it('is waited for when somebody is asked, until somebody has decided', () => {
    assert.equal(isWaiting({ approval: ASKED }), true);
    assert.equal(isWaiting({ approval: { ...ASKED, decision: 'rejected' } }), false);
    assert.equal(isWaiting({ approval: null }), false);
    assert.equal(isWaiting(null), false);
  });

  it('needs a name, and room for it is not endless', () => {
    assert.deepEqual(decisionSchema.parse({ by: ' kim ' }), { by: 'kim', reason: '' });
    for (const by of ['', '  ', 'x'.repeat(201)]) assert.equal(decisionSchema.safeParse({ by }).success, false, by);
  });
});
