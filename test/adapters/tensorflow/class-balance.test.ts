import assert from 'node:assert/strict';
import { toClassWeights } from '../../../adapters/tensorflow/class-balance.ts';

describe('class weights', () => {
  it('are one for labels that are equally frequent', () => {
    assert.deepEqual([...toClassWeights({ happy: 200, sad: 200, angry: 200, fearful: 200 })], [1, 1, 1, 1]);
  });

  it('make each label count the same as a whole', () => {
    const counts = { happy: 400, sad: 100, angry: 200, fearful: 100 };
    const [happy, sad, angry, fearful] = toClassWeights(counts);
    assert.equal(happy! * 400, 200);
    assert.equal(sad! * 100, 200);
    assert.equal(angry! * 200, 200);
    assert.equal(fearful! * 100, 200);
  });

  it('do not blow up a handful of images, and give nothing to a label without any', () => {
    assert.deepEqual([...toClassWeights({ happy: 999, sad: 1, angry: 0, fearful: 0 })].slice(1), [10, 0, 0]);
  });
});
