import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { DatasetManifest, Inventory, RawImage, Shard } from '../../domain/dataset.ts';
import { grow, isSameContent, planGrowth, toMergeGroups, withoutShards } from '../../domain/dataset-growth.ts';
import type { GrowthPlan } from '../../domain/dataset-growth.ts';
import { EMOTIONS, toPerEmotion } from '../../domain/emotion.ts';
import { IMAGE_TRANSFORM } from '../../domain/image-transform.ts';

const LIMITS = { maxBytes: 10, maxPixels: 10 };
const ORIGIN = { runName: 'run', gitSha: '0'.repeat(40), createdAt: '2026-11-24T01:55:00Z' };

/** What may lie in the raw container at one moment: 12 names, each with a few versions, some of them unusable. */
const moments = fc
  .dictionary(fc.integer({ min: 0, max: 11 }).map(String), fc.integer({ min: 0, max: 3 }))
  .map((etags) => Object.entries(etags).map(([name, etag]): RawImage => ({ name, label: EMOTIONS[Number(name) % 4]!, etag: `"${etag}"`, bytes: etag })));

describe('the growth of a data set', () => {
  it('ends with the same samples and refusals as starting afresh, whatever the history', () => {
    fc.assert(
      fc.property(fc.array(moments, { minLength: 1, maxLength: 5 }), (history) => {
        let dataset: DatasetManifest | null = null;
        for (const moment of history) dataset = advance(moment, dataset).next;
        const fresh = advance(history.at(-1)!, null).next;
        assert.ok(isSameContent(dataset!, fresh));
      }),
    );
  });

  it('has nothing to do for a moment that it has seen', () => {
    fc.assert(
      fc.property(moments, moments, (before, now) => {
        const { next } = advance(now, advance(before, null).next);
        const plan = planGrowth(toInventory(now), next, LIMITS);
        assert.deepEqual(plan.toResize, []);
        assert.equal(plan.unchangedImages, now.length);
        assert.equal(plan.removedImages, 0);
        assert.ok(isSameContent(next, { ...grow(plan, []), limits: LIMITS }));
      }),
    );
  });

  it('resizes only what it has not seen', () => {
    fc.assert(
      fc.property(moments, moments, (before, now) => {
        const { plan } = advance(now, advance(before, null).next);
        const seen = new Set(before.map(({ name, etag }) => name + etag));
        assert.deepEqual(plan.toResize, now.filter(({ name, etag }) => !seen.has(name + etag)));
      }),
    );
  });

  it('resizes again what was in a shard that is gone, and ends with the same samples', () => {
    fc.assert(
      fc.property(moments, moments, fc.nat(), (before, now, which) => {
        const { next } = advance(now, advance(before, null).next);
        const lost = next.shards[which % next.shards.length];
        fc.pre(lost !== undefined);
        const { next: again, plan } = advance(now, withoutShards(next, [lost.digest]));
        assert.deepEqual(plan.toResize.map(({ name }) => name).sort(), lost.samples.map(({ name }) => name).sort());
        assert.ok(isSameContent(again, next));
      }),
    );
  });

  it('counts as removed what was there before and is not any more', () => {
    fc.assert(
      fc.property(moments, moments, (before, now) => {
        const names = new Set(now.map(({ name }) => name));
        const { plan } = advance(now, advance(before, null).next);
        assert.equal(plan.removedImages, before.filter(({ name }) => !names.has(name)).length);
      }),
    );
  });

  it('takes no notice of images that came and went during a run', () => {
    const image: RawImage = { name: '0', label: 'happy', etag: '"1"', bytes: 1 };
    const { next } = advance([image], null);
    const after = { ...next, refused: [{ name: 'x', etag: '"1"', reason: 'gone' as const }] };
    assert.ok(isSameContent(next, after));
  });
});

describe('merging shards', () => {
  const shardsOf = (sizes: readonly number[]): Shard[] =>
    sizes.map((size, index) => ({
      digest: createHash('sha256').update(`${index}`).digest('hex'),
      bytes: 1,
      samples: Array.from({ length: size }, (_, sample) => ({ name: `happy/${index}-${sample}`, etag: '"1"', label: 'happy', digest: 'f'.repeat(64) })),
    }));

  it('leaves a few small shards alone, and all that are half full', () => {
    assert.deepEqual(toMergeGroups(shardsOf([1, 1, 1, 1, 1, 1, 1, 1, 50, 99, 100]), 100), []);
  });

  it('packs many small shards together, in their order, none fuller than a shard may be', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 40 });
    fc.assert(
      fc.property(sizes, (all) => {
        const shards = shardsOf(all);
        const small = shards.filter(({ samples }) => samples.length < 50);
        const groups = toMergeGroups(shards, 100);
        for (const group of groups) {
          assert.ok(group.length > 1);
          assert.ok(group.reduce((sum, { samples }) => sum + samples.length, 0) <= 100);
        }
        assert.deepEqual(groups.flat(), small.filter((shard) => groups.flat().includes(shard)));
        // Two neighbours that fit into one shard are never left apart: what remains is at least half full on average.
        if (small.length > 8) assert.ok(small.length - groups.flat().length + groups.length <= 2 * Math.ceil(small.reduce((sum, { samples }) => sum + samples.length, 0) / 100) + 1);
      }),
    );
  });
});

/** Resizes as the activities do, images of no bytes being unusable, each image in a shard of its own. */
function advance(images: readonly RawImage[], previous: DatasetManifest | null): { plan: GrowthPlan; next: DatasetManifest } {
  const plan = planGrowth(toInventory(images), previous, LIMITS);
  const outcomes = plan.toResize.map(({ name, etag, label, bytes }) => {
    if (bytes === 0) return { shard: null, refused: [{ name, etag, reason: 'empty' as const }] };
    const digest = createHash('sha256').update(name + etag).digest('hex');
    return { shard: { digest, bytes: 1, samples: [{ name, etag, label, digest }] }, refused: [] };
  });
  const content = { ...grow(plan, outcomes), limits: LIMITS };
  return { plan, next: { ...ORIGIN, version: 'run', transform: IMAGE_TRANSFORM, counts: toPerEmotion(() => 0), ...content } };
}

function toInventory(images: readonly RawImage[]): Inventory {
  return { ...ORIGIN, images: [...images], ignored: [] };
}
