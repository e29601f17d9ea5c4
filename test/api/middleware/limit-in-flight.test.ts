import assert from 'node:assert/strict';
import type { Context } from 'koa';
import { limitInFlight } from '../../../api/middleware/limit-in-flight.ts';
import { createSlots } from '../../../api/slots.ts';
import { HttpProblem } from '../../../api/problem.ts';

describe('the limit of what is under way', () => {
  /** A request of a key, or of nobody in particular, that is under way until it is ended. */
  function begin(limit: ReturnType<typeof limitInFlight>, keyId?: string) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = (async () => { await limit({ state: { keyId } } as unknown as Context, () => promise); })();
    return { done, end: resolve };
  }

  async function assertRefused({ done }: { done: Promise<void> }): Promise<void> {
    await assert.rejects(done, (error) => error instanceof HttpProblem && error.kind === 'overloaded');
  }

  it('turns away what is too much, and lets in again what has room', async () => {
    const limit = limitInFlight(createSlots(2));
    const [first, second] = [begin(limit), begin(limit)];
    await assertRefused(begin(limit));
    first.end();
    await first.done;
    const third = begin(limit);
    await assertRefused(begin(limit));
    for (const each of [second, third]) each.end();
    await Promise.all([second.done, third.done]);
  });

  it('keeps half of the slots from any one key', async () => {
    const limit = limitInFlight(createSlots(4));
    const slow = [begin(limit, 'a'), begin(limit, 'a')];
    await assertRefused(begin(limit, 'a'));
    const other = begin(limit, 'b');
    slow[0]!.end();
    await slow[0]!.done;
    const next = begin(limit, 'a');
    await assertRefused(begin(limit, 'a'));
    for (const each of [...slow, other, next]) each.end();
    await Promise.all([slow[1]!.done, other.done, next.done]);
  });

  it('says how long what is under way will take, by how long the last ones took', async () => {
    const clock = { ms: 0 };
    const limit = limitInFlight(createSlots(4, () => clock.ms));
    const slow = begin(limit);
    clock.ms = 3_000;
    slow.end();
    await slow.done;
    const four = Array.from({ length: 4 }, () => begin(limit));
    await assert.rejects(begin(limit).done, (error) => error instanceof HttpProblem && error.headers['Retry-After'] === '12');
    for (const [index, each] of four.entries()) {
      clock.ms += index === 0 ? 1_000 : 0;
      each.end();
      await each.done;
    }
  });

  it('counts one request for as many as it takes slots', async () => {
    const slots = createSlots(5);
    const [single, batch] = [limitInFlight(slots), limitInFlight(slots, 4)];
    const many = begin(batch);
    await assertRefused(begin(batch));
    const one = begin(single);
    await assertRefused(begin(single));
    many.end();
    await many.done;
    const next = begin(batch);
    for (const each of [one, next]) each.end();
    await Promise.all([one.done, next.done]);
  });
});
