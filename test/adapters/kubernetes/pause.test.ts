import assert from 'node:assert/strict';
import { pause } from '../../../adapters/kubernetes/pause.ts';

describe('a pause between two looks', () => {
  it('lasts as long as it is told to', async () => {
    const startedAt = performance.now();
    await pause(20, new AbortController().signal);
    assert.ok(performance.now() - startedAt >= 19);
  });

  it('ends with the signal, for its reason', async () => {
    const ending = new AbortController();
    const reason = new Error('The worker ends.');
    const paused = pause(60_000, ending.signal);
    ending.abort(reason);
    await assert.rejects(paused, (error) => error === reason);
  });
});
