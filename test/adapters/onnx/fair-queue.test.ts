import assert from 'node:assert/strict';
import { createFairQueue } from '../../../adapters/onnx/fair-queue.ts';

/** Takes so many, each of which costs what its kind does. */
function take(queue: ReturnType<typeof createFairQueue<string>>, count: number, costs: Readonly<Record<string, number>>): string[] {
  return Array.from({ length: count }, () => {
    const { work, spent } = queue.take()!;
    spent(costs[work[0]!]!);
    return work;
  });
}

describe('a fair queue', () => {
  it('gives first what came first, among its kind', () => {
    const queue = createFairQueue<string>();
    for (const work of ['a1', 'a2', 'a3']) queue.add('a', work);
    assert.deepEqual(take(queue, 3, { a: 5 }), ['a1', 'a2', 'a3']);
    assert.equal(queue.take(), undefined);
  });

  it('gives kinds the same share, not the same number of turns', () => {
    const queue = createFairQueue<string>();
    for (let index = 0; index < 100; index += 1) {
      queue.add('long', `l${index}`);
      queue.add('short', `s${index}`);
    }
    const taken = take(queue, 44, { l: 10, s: 1 });
    assert.equal(taken.filter((work) => work.startsWith('l')).length, 4);
    assert.ok(taken.slice(0, 12).some((work) => work.startsWith('s')) && taken.slice(0, 12).some((work) => work.startsWith('l')));
  });

  it('lets no kind make up for the time in which it wanted nothing', () => {
    const queue = createFairQueue<string>();
    for (let index = 0; index < 100; index += 1) queue.add('long', `l${index}`);
    take(queue, 50, { l: 10 });
    for (let index = 0; index < 100; index += 1) queue.add('short', `s${index}`);
    const taken = take(queue, 22, { l: 10, s: 1 });
    assert.equal(taken.filter((work) => work.startsWith('l')).length, 2);
  });
});
