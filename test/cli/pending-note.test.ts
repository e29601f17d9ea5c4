import assert from 'node:assert/strict';
import { toPendingNote } from '../../cli/pending-note.ts';
import type { CandidateState } from '../../domain/run-state.ts';
import { hyperparametersSchema } from '../../domain/training.ts';

function toTraining(candidate: string, epoch: number, validationAccuracy: number) {
  return { candidate, stage: 'training', note: `epoch ${epoch} of 60, loss 0.8, validation`, finished: { epoch, epochs: 60, validationAccuracy }, batch: 3 };
}

function toCandidate(name: string, change: Partial<CandidateState> = {}): CandidateState {
  return { name, hyperparameters: hyperparametersSchema.parse({}), validationAccuracy: null, failure: null, ...change };
}

describe('the note of what is under way', () => {
  it('is what the one activity said last', () => {
    assert.equal(toPendingNote([{ stage: 'training', note: 'epoch 7 of 60, loss 0.812' }], []), 'epoch 7 of 60, loss 0.812');
  });

  it('is none when nobody said anything for people', () => {
    assert.equal(toPendingNote([], []), null);
    assert.equal(toPendingNote([{ stage: 'starting' }, undefined, 'a word'], []), null);
  });

  it('passes over those that have said nothing yet', () => {
    assert.equal(toPendingNote([{ stage: 'starting' }, { note: 'api: step 3' }], []), 'api: step 3');
  });

  it('says in full what the only candidate that trains said', () => {
    const waiting = { candidate: 'c2', stage: 'starting' };
    assert.equal(toPendingNote([waiting, toTraining('c1', 7, 0.613)], []), 'c1: epoch 7 of 60, loss 0.8, validation');
  });

  it('says of each candidate how far it is, in their order', () => {
    const details = [toTraining('c10', 5, 0.5), toTraining('c2', 6, 0.6), toTraining('c1', 7, 0.613)];
    assert.equal(toPendingNote(details, []), 'c1: epoch 7 of 60, 61.3 %; c2: epoch 6 of 60, 60.0 %; c10: epoch 5 of 60, 50.0 %');
  });

  it('says once what several candidates wait for, also those that have trained before', () => {
    const queued = { stage: 'waiting', note: 'queued, 1 of 4 nodes up' };
    const preempted = { ...toTraining('c3', 4, 0.5), ...queued };
    assert.equal(toPendingNote([{ candidate: 'c1', ...queued }, toTraining('c2', 6, 0.6), preempted], []), 'c1, c3: queued, 1 of 4 nodes up; c2: epoch 6 of 60, 60.0 %');
  });

  it('counts the candidates that are done', () => {
    const candidates = [toCandidate('c1', { validationAccuracy: 0.6 }), toCandidate('c2', { failure: 'The loss is not a number.' }), toCandidate('c3'), toCandidate('c4')];
    assert.equal(toPendingNote([toTraining('c3', 7, 0.6), toTraining('c4', 7, 0.6)], candidates), '2 of 4 done; c3, c4: epoch 7 of 60, 60.0 %');
  });

  it('stays short, however many there are', () => {
    const details = Array.from({ length: 16 }, (_, index) => toTraining(`c${index + 1}`, index + 1, 0.5));
    const note = toPendingNote(details, []);
    assert.equal(note?.length, 120);
    assert.match(note, /^c1: epoch 1 of 60, 50\.0 %; c2: .*…$/);
  });
});
