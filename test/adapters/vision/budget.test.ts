import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { createBudget } from '../../../adapters/vision/budget.ts';

describe('budget', () => {
  function setUp(total: number) {
    const budget = createBudget(total);
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    function start(name: string, share: number): Promise<string> {
      return budget(share, () => {
        begun.push(name);
        return new Promise((resolve) => ends.set(name, () => { resolve(name); }));
      });
    }
    async function end(name: string): Promise<void> {
      ends.get(name)!();
      await turn();
    }
    return { budget, begun, start, end };
  }

  it('lets works go on side by side as long as they fit', async () => {
    const { begun, start, end } = setUp(10);
    const works = [start('a', 4), start('b', 6), start('c', 1)];
    await turn();
    assert.deepEqual(begun, ['a', 'b']);
    await end('a');
    assert.deepEqual(begun, ['a', 'b', 'c']);
    await end('b');
    await end('c');
    assert.deepEqual(await Promise.all(works), ['a', 'b', 'c']);
  });

  it('lets nobody overtake a large work for ever', async () => {
    const { begun, start, end } = setUp(10);
    void start('small', 1);
    void start('large', 10);
    void start('late', 1);
    await turn();
    assert.deepEqual(begun, ['small']);
    await end('small');
    assert.deepEqual(begun, ['small', 'large']);
    await end('large');
    assert.deepEqual(begun, ['small', 'large', 'late']);
  });

  it('does a work that is larger than everything alone', async () => {
    const { begun, start, end } = setUp(10);
    void start('small', 1);
    void start('huge', 99);
    await turn();
    assert.deepEqual(begun, ['small']);
    await end('small');
    assert.deepEqual(begun, ['small', 'huge']);
  });

  it('does not let the smallest wait behind what is large', async () => {
    const { begun, start, end } = setUp(1000);
    void start('large', 900);
    void start('other', 900);
    await turn();
    void start('tiny', 3);
    await turn();
    assert.deepEqual(begun, ['large', 'tiny']);
    await end('tiny');
    assert.deepEqual(begun, ['large', 'tiny'], 'and they give nothing back that they have not taken');
    await end('large');
    assert.deepEqual(begun, ['large', 'tiny', 'other']);
  });

  it('gives back the share of a work that fails', async () => {
    const { budget } = setUp(1);
    await assert.rejects(budget(1, () => Promise.reject(new Error('no'))), /no/);
    assert.equal(await budget(1, () => Promise.resolve('next')), 'next');
  });
});
