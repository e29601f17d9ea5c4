import assert from 'node:assert/strict';
import { toCounts, toNumberOf, toPercent, toTotal } from '../../domain/wording.ts';

describe('the wording of figures', () => {
  it('gives shares one decimal', () => {
    assert.deepEqual([0, 0.12345, 1].map(toPercent), ['0.0 %', '12.3 %', '100.0 %']);
  });

  it('gives counts in the order of the labels', () => {
    assert.equal(toCounts({ fearful: 4, angry: 3, sad: 2, happy: 1 }), '1 happy, 2 sad, 3 angry, 4 fearful');
  });

  it('says one thing as one', () => {
    assert.deepEqual([0, 1, 7].map((number) => toNumberOf(number, 'image')), ['0 images', '1 image', '7 images']);
  });

  it('adds up what there is of all labels', () => {
    assert.equal(toTotal({ fearful: 4, angry: 3, sad: 2, happy: 1 }), 10);
  });
});
