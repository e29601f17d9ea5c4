import assert from 'node:assert/strict';
import { toDecisionText } from '../../../cli/output/approval-text.ts';

const ASKED = { decision: null, askedAt: '2026-11-24T01:55:00.000Z', deadline: '2026-11-27T01:55:00.000Z', by: null, reason: '', decidedAt: null } as const;
const DECIDED_AT = '2026-11-24T02:00:00.000Z';

describe('a decision about a rollout in words', () => {
  it('says until when it is waited for', () => {
    assert.match(toDecisionText(ASKED), /^waits until 2026-11-27 01:55 UTC/);
  });

  it('says who, when and why', () => {
    assert.equal(toDecisionText({ ...ASKED, decision: 'approved', by: 'kim', reason: 'better', decidedAt: DECIDED_AT }), 'approved by kim, 2026-11-24 02:00 UTC: better');
    assert.equal(toDecisionText({ ...ASKED, decision: 'approved', by: 'kim', decidedAt: DECIDED_AT }), 'approved by kim, 2026-11-24 02:00 UTC');
  });

  it('names nobody when the time was up', () => {
    assert.equal(toDecisionText({ ...ASKED, decision: 'rejected', reason: 'Nobody decided in time.', decidedAt: DECIDED_AT }), 'rejected, 2026-11-24 02:00 UTC: Nobody decided in time.');
  });
});
