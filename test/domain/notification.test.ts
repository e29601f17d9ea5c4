import assert from 'node:assert/strict';
import { NOTIFICATION_EVENTS, notificationSchema, toAnnouncement } from '../../domain/notification.ts';
import type { Announcement } from '../../domain/notification.ts';
import type { RunState } from '../../domain/run-state.ts';
import { toModelCard } from '../support/models.ts';
import { toRunState } from '../support/run-states.ts';

const OCCASION = { at: '2026-11-24T02:10:00.000Z', workflowId: 'pipeline-w', runId: 'a-run' };
const { evaluation } = toModelCard();
const WAITING = { decision: null, askedAt: OCCASION.at, deadline: '2026-11-27T02:10:00.000Z', by: null, reason: '', decidedAt: null } as const;

describe('what is told of a run', () => {
  it('fits the contract with receivers, whatever happened', () => {
    const release = { gitSha: toRunState().gitSha, modelVersion: 7, image: { reference: 'registry.example/api:1', digest: 'sha256:1' } };
    const full: RunState = {
      ...toRunState(),
      outcome: 'registered',
      accuracy: 0.75,
      report: { evaluation, champion: { version: 6, evaluation, candidate: evaluation } },
      model: { name: 'emotions-cnn', version: 7, accuracy: 0.75 },
      images: [{ image: 'api', reference: 'registry.example/api:1', digest: 'sha256:1', isNew: true }],
      approval: { ...WAITING, decision: 'approved', by: 'ada' },
      release,
    };
    for (const state of [toRunState(), full]) {
      for (const event of NOTIFICATION_EVENTS) {
        const announcement: Announcement = toAnnouncement(state, event, OCCASION);
        const sent = { ...announcement, id: 'an-id', run: { ...announcement.run, url: 'http://ui.example' } };
        assert.deepEqual(notificationSchema.strict().parse(sent), sent);
      }
    }
    const { champion, release: released } = toAnnouncement(full, 'succeeded', OCCASION);
    assert.deepEqual(champion, { version: 6, accuracy: 0.75, candidateAccuracy: 0.75 });
    assert.deepEqual(released, { modelVersion: 7, image: 'registry.example/api:1@sha256:1' });
  });

  it('says where a run failed and why, by the step that did', () => {
    const state = toRunState({ ingest: { status: 'succeeded', note: 'fine' }, resize: { status: 'failed', note: 'Too many are bad.' } });
    const { step, reason } = toAnnouncement(state, 'failed', OCCASION);
    assert.deepEqual({ step, reason }, { step: 'resize', reason: 'Too many are bad.' });
  });

  it('says what the run itself says of its failure, where it does', () => {
    const { step, reason } = toAnnouncement(toRunState(), 'failed', { ...OCCASION, reason: 'No worker came.' });
    assert.deepEqual({ step, reason }, { step: null, reason: 'No worker came.' });
  });

  it('gives the gate\'s reason for a candidate that was turned away', () => {
    const state = { ...toRunState(), gate: { passed: false, reason: 'Too weak.' } };
    assert.equal(toAnnouncement(state, 'rejected', OCCASION).reason, 'Too weak.');
  });

  it('says until when a decision is waited for, and by which commands', () => {
    const { step, approval } = toAnnouncement({ ...toRunState(), approval: WAITING }, 'approval-needed', OCCASION);
    assert.equal(step, 'approve');
    assert.deepEqual(approval, {
      decision: null,
      by: null,
      deadline: WAITING.deadline,
      approve: 'barometer approve 20261124T015500Z-1a2b3c4',
      reject: 'barometer reject 20261124T015500Z-1a2b3c4 --reason "…"',
    });
  });

  it('gives the reason of who did not approve', () => {
    const approval = { ...WAITING, decision: 'rejected', by: 'ada', reason: 'Not before the weekend.' } as const;
    assert.equal(toAnnouncement({ ...toRunState(), approval }, 'not-approved', OCCASION).reason, 'Not before the weekend.');
  });
});
