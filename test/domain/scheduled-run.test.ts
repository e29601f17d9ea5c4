import assert from 'node:assert/strict';
import type { NewImages, StartQuestion, TriedImages } from '../../domain/scheduled-run.ts';
import { decideStart } from '../../domain/scheduled-run.ts';

const GIT_SHA = 'a'.repeat(40);
const NOW = new Date('2026-11-24T12:00:00.000Z');
const MINUTE_MS = 60_000;

const FOUND: NewImages = { images: 12, digest: 'images-of-today', isChanged: true, newImages: 4, newestAgeMs: 20 * MINUTE_MS, oldestAgeMs: 30 * MINUTE_MS };

function decide(found: Partial<NewImages>, question: Partial<Omit<StartQuestion, 'found'>> = {}) {
  return decideStart({ found: { ...FOUND, ...found }, gitSha: GIT_SHA, now: NOW, tried: null, settleMinutes: 10, mostWaitMinutes: 120, ...question });
}

describe('whether a schedule\'s turn starts a run', () => {
  it('is a yes when there are new images and no more have come for a while', () => {
    assert.deepEqual(decide({}), { outcome: 'start', tried: { digest: FOUND.digest, gitSha: GIT_SHA, at: NOW.toISOString(), times: 1 } });
  });

  it('is a no when nothing has changed', () => {
    assert.equal(decide({ isChanged: false }).outcome, 'nothing-new');
  });

  it('is a no when there is no image at all', () => {
    assert.equal(decide({ images: 0, newImages: 0, newestAgeMs: null, oldestAgeMs: null }).outcome, 'nothing-new');
  });

  it('is a yes when images were only removed, however long ago', () => {
    assert.equal(decide({ newImages: 0, newestAgeMs: null, oldestAgeMs: null }).outcome, 'start');
  });

  it('waits while images come, but not for ever', () => {
    const coming = { newestAgeMs: 9 * MINUTE_MS };
    assert.equal(decide(coming).outcome, 'uploads-under-way');
    assert.equal(decide({ ...coming, oldestAgeMs: 119 * MINUTE_MS }).outcome, 'uploads-under-way');
    assert.equal(decide({ ...coming, oldestAgeMs: 120 * MINUTE_MS }).outcome, 'start');
    assert.equal(decide({ newestAgeMs: 10 * MINUTE_MS }).outcome, 'start');
    assert.equal(decide(coming, { settleMinutes: 0 }).outcome, 'start');
  });

  it('waits for images from a clock that is ahead of ours', () => {
    assert.equal(decide({ newestAgeMs: -MINUTE_MS }).outcome, 'uploads-under-way');
  });

  describe('after a run for the same images has not come to its end', () => {
    const ago = (minutes: number, times: number): TriedImages => ({ digest: FOUND.digest, gitSha: GIT_SHA, at: new Date(NOW.getTime() - minutes * MINUTE_MS).toISOString(), times });

    it('is a no for an hour, then two, then four, and never more than a day', () => {
      for (const [times, pause] of [[1, 60], [2, 120], [3, 240], [5, 960], [6, 1440], [60, 1440]] as const) {
        assert.equal(decide({}, { tried: ago(pause - 1, times) }).outcome, 'tried-already', `${times}`);
        const then = decide({}, { tried: ago(pause, times) });
        assert.ok(then.outcome === 'start');
        assert.equal(then.tried.times, times + 1);
      }
    });

    it('is a yes at once for other images, and for another commit', () => {
      const tried = ago(1, 7);
      for (const decision of [decide({ digest: 'others' }, { tried }), decide({}, { tried, gitSha: 'b'.repeat(40) })]) {
        assert.ok(decision.outcome === 'start');
        assert.equal(decision.tried.times, 1);
      }
    });
  });
});
