import assert from 'node:assert/strict';
import { createRandom, toPermutation } from '../../domain/random.ts';

const draw = (...key: (number | string)[]): number[] => {
  const random = createRandom(...key);
  return Array.from({ length: 10_000 }, () => random.uniform(0, 1));
};

describe('random numbers', () => {
  it('are the same for the same key and others for another', () => {
    assert.deepEqual(draw(1, 'order', 2), draw(1, 'order', 2));
    assert.notDeepEqual(draw(1, 'order', 2), draw(1, 'order', 3));
    assert.notDeepEqual(draw(1, 'order', 2), draw(2, 'order', 2));
  });

  it('are spread evenly', () => {
    const numbers = draw(1);
    assert.ok(numbers.every((number) => number >= 0 && number < 1));
    const tenths = Array.from({ length: 10 }, (_, tenth) => numbers.filter((number) => Math.floor(number * 10) === tenth).length);
    for (const count of tenths) assert.ok(count > 880 && count < 1120, `${count}`);
  });

  it('are normal with mean 0 and deviation 1 where asked for', () => {
    const random = createRandom(5);
    const numbers = Array.from({ length: 10_000 }, () => random.normal());
    const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
    const variance = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0) / numbers.length;
    assert.ok(Math.abs(mean) < 0.05 && Math.abs(variance - 1) < 0.05, `${mean} ${variance}`);
  });

  it('permute without losing any', () => {
    const order = toPermutation(100, createRandom(3));
    assert.notDeepEqual([...order], Array.from({ length: 100 }, (_, index) => index));
    assert.deepEqual([...order].sort((a, b) => a - b), Array.from({ length: 100 }, (_, index) => index));
  });
});
