import assert from 'node:assert/strict';
import { hasRunOut, INITIAL_STOPPING_STATE, observeEpoch } from '../../../adapters/tensorflow/early-stopping.ts';

const after = (...losses: number[]) => losses.reduce((state, loss, index) => observeEpoch(state, index + 1, loss), INITIAL_STOPPING_STATE);

describe('early stopping', () => {
  it('remembers the epoch of the lowest loss', () => {
    assert.equal(after(1, 0.5, 0.7, 0.6).bestEpoch, 2);
  });

  it('runs out after so many epochs without improvement', () => {
    assert.equal(hasRunOut(after(1, 0.5, 0.7), 3, 2), false);
    assert.equal(hasRunOut(after(1, 0.5, 0.7, 0.6), 4, 2), true);
  });

  it('takes a tiny improvement, but does not wait longer for it', () => {
    const state = after(1, 0.5, 0.499, 0.498);
    assert.equal(state.bestEpoch, 4);
    assert.equal(hasRunOut(state, 4, 2), true);
  });

  it('has not run out before it began', () => {
    assert.equal(hasRunOut(INITIAL_STOPPING_STATE, 0, 1), false);
  });
});
