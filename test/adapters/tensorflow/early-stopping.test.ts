import assert from 'node:assert/strict';
import { hasRunOut, INITIAL_STOPPING_STATE, observeEpoch } from '../../../adapters/tensorflow/early-stopping.ts';

const afterUnsure = (error: number, ...losses: number[]) =>
  losses.reduce((state, mean, index) => observeEpoch(state, index + 1, { mean, error }), INITIAL_STOPPING_STATE);
const after = (...losses: number[]) => afterUnsure(0, ...losses);

describe('early stopping', () => {
  it('remembers the epoch of the lowest loss', () => {
    assert.equal(after(1, 0.5, 0.7, 0.6).bestEpoch, 2);
  });

  it('prefers the latest epoch that can\'t be told from the lowest', () => {
    assert.equal(afterUnsure(0.15, 1, 0.5, 0.7, 0.6, 0.9).bestEpoch, 4);
    assert.equal(afterUnsure(0.05, 1, 0.5, 0.7, 0.6, 0.9).bestEpoch, 2);
  });

  it('does not wander off in small steps: the lowest stays the measure', () => {
    assert.equal(afterUnsure(0.1, 0.5, 0.55, 0.6, 0.65, 0.7).bestEpoch, 3);
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
