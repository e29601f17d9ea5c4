import assert from 'node:assert/strict';
import { createRunBoard } from '../../../cli/output/run-board.ts';
import { toRunState } from '../../support/run-states.ts';
import { createFakeStream } from '../../support/streams.ts';

const AT = { startedAt: '2026-11-24T01:55:00.000Z', endedAt: '2026-11-24T01:55:04.200Z' };
const INGESTED = { ...AT, status: 'succeeded', note: '12 images' } as const;

describe('the board of a run', () => {
  it('keeps a finished step as a line with its time and what came of it', () => {
    const { stream, written } = createFakeStream({ isTTY: false });
    createRunBoard(stream).show(toRunState({ ingest: INGESTED }));
    assert.equal(written(), '  ✔ ingest              4.2 s   12 images\n');
  });

  it('prints every step once, however often it is shown', () => {
    const { stream, written } = createFakeStream({ isTTY: false });
    const board = createRunBoard(stream);
    board.show(toRunState({ ingest: INGESTED }));
    board.show(toRunState({ ingest: INGESTED, resize: { status: 'running', startedAt: AT.startedAt } }));
    board.show(toRunState({ ingest: INGESTED, resize: { ...AT, status: 'failed', note: 'Too many are unusable.' } }));
    board.end();
    const lines = written().trimEnd().split('\n');
    assert.equal(lines.length, 2);
    assert.match(lines[1]!, /^ {2}✘ resize .* Too many are unusable\.$/);
  });

  it('prints skipped steps with the reason and without a time', () => {
    const { stream, written } = createFakeStream({ isTTY: false });
    createRunBoard(stream).show(toRunState({ ingest: { status: 'skipped', note: 'Switched off.' } }));
    assert.match(written(), /^ {2}– ingest {20,}Switched off\.\n$/);
  });

  it('says once that a person is waited for, until when and what to type, also without a terminal', () => {
    const { stream, written } = createFakeStream({ isTTY: false });
    const board = createRunBoard(stream);
    const approval = { decision: null, askedAt: AT.startedAt, deadline: '2026-11-27T01:55:00.000Z', by: null, reason: '', decidedAt: null };
    const state = { ...toRunState({ approve: { status: 'running', startedAt: AT.startedAt } }), approval };
    board.show(state);
    board.show(state);
    board.show({ ...state, approval: { ...approval, decision: 'approved' } });
    assert.equal(written(), `  ‖ waits for approval until 2026-11-27 01:55 UTC\n      barometer approve ${state.runName}\n      barometer reject ${state.runName} --reason …\n`);
  });

  it('shows the running step in place on a terminal, and its end instead of it', () => {
    const { stream, written, seen } = createFakeStream({ isTTY: true });
    const board = createRunBoard(stream);
    board.show(toRunState({ ingest: { status: 'running', startedAt: new Date().toISOString(), note: '3 of 12' } }));
    assert.match(seen()[0]!, /▸ ingest .* 3 of 12/);
    board.show(toRunState({ ingest: INGESTED, resize: { status: 'running', startedAt: new Date().toISOString(), note: '1 of 12' } }));
    board.end();
    assert.match(written(), /3 of 12/);
    assert.equal(seen().length, 2);
    assert.match(seen()[0]!, /✔ ingest .* 12 images/);
    assert.match(seen()[1]!, /▸ resize .* 1 of 12/);
  });

  it('leaves nothing behind of a note that took more than one line', () => {
    const { stream, seen } = createFakeStream({ isTTY: true });
    const board = createRunBoard(stream);
    const running = { status: 'running', startedAt: new Date().toISOString() } as const;
    board.show(toRunState({ train: { ...running, note: 'c1: epoch 1 of 60, 50.0 %; c2: epoch 2 of 60, 50.0 %; c3: epoch 3 of 60, 50.0 %' } }));
    assert.equal(seen().length, 2);
    board.show(toRunState({ train: { ...running, note: 'c4: epoch 60 of 60' } }));
    board.end();
    assert.equal(seen().length, 1);
    assert.match(seen()[0]!, /▸ train .* c4: epoch 60 of 60/);
  });

  it('says on a terminal that no worker answers', () => {
    const { stream, seen } = createFakeStream({ isTTY: true });
    const board = createRunBoard(stream);
    board.show(null);
    assert.match(seen()[0]!, /waiting for a worker/);
    board.show(toRunState({ ingest: INGESTED }));
    assert.deepEqual(seen().length, 1);
  });
});
