import assert from 'node:assert/strict';
import { EMOTIONS, isEmotion, perEmotion, toPerEmotion } from '../../domain/emotion.ts';
import { z } from 'zod';

describe('the emotions', () => {
  it('stand in the order that stored networks were trained with', () => {
    assert.deepEqual([...EMOTIONS], ['happy', 'sad', 'angry', 'fearful']);
  });

  it('are known by name, in lower case', () => {
    assert.ok(EMOTIONS.every(isEmotion));
    for (const other of ['neutral', 'Happy', '', 'length']) assert.equal(isEmotion(other), false, other);
  });

  it('each get the value of their own index', () => {
    assert.deepEqual(toPerEmotion((_, index) => index), { happy: 0, sad: 1, angry: 2, fearful: 3 });
  });

  it('must all have a value', () => {
    const schema = perEmotion(z.number());
    assert.ok(schema.safeParse(toPerEmotion(() => 1)).success);
    assert.equal(schema.safeParse({ happy: 1, sad: 1, angry: 1 }).success, false);
  });
});
