import assert from 'node:assert/strict';
import { toPerEmotion } from '../../domain/emotion.ts';
import { toClassification } from '../../domain/prediction.ts';

describe('a classification', () => {
  it('names the likeliest emotion, and how sure it is', () => {
    const probabilities = { happy: 0.1, sad: 0.2, angry: 0.6, fearful: 0.1 };
    assert.deepEqual(toClassification(probabilities), { emotion: 'angry', confidence: 0.6, probabilities });
  });

  it('names the last one too', () => {
    assert.equal(toClassification({ happy: 0.1, sad: 0.1, angry: 0.1, fearful: 0.7 }).emotion, 'fearful');
  });

  it('names the first of equals, so that it is the same every time', () => {
    assert.equal(toClassification(toPerEmotion(() => 0.25)).emotion, 'happy');
    assert.equal(toClassification({ happy: 0.1, sad: 0.4, angry: 0.1, fearful: 0.4 }).emotion, 'sad');
  });
});
