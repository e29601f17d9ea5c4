import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Shard } from '../../domain/dataset.ts';
import type { Emotion } from '../../domain/emotion.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import { isValidation, splitSamples, toSplitSide } from '../../domain/split.ts';

const digests = fc.string().map(toDigest);
const ratios = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const samples = fc.record({ label: fc.constantFrom(...EMOTIONS), digest: fc.integer({ min: 0, max: 30 }).map((number) => toDigest(`${number}`)) });
const data = fc.array(fc.array(samples, { maxLength: 20 }), { maxLength: 6 }).map(toShards);

describe('the side of an image', () => {
  it('depends on its content and the ratio alone', () => {
    fc.assert(fc.property(digests, ratios, (digest, ratio) => toSplitSide(digest, ratio) === toSplitSide(digest, ratio)));
    assert.equal(toSplitSide(`00${'f'.repeat(62)}`, 0.2), 'test');
    assert.equal(toSplitSide(`ff${'0'.repeat(62)}`, 0.2), 'train');
  });

  it('is test for a larger ratio where it is test for a smaller', () => {
    fc.assert(
      fc.property(digests, ratios, ratios, (digest, a, b) => {
        fc.pre(toSplitSide(digest, Math.min(a, b)) === 'test');
        assert.equal(toSplitSide(digest, Math.max(a, b)), 'test');
      }),
    );
  });

  it('keeps the ratio within what chance allows', () => {
    const images = 4_000;
    for (const ratio of [0.1, 0.2, 0.5]) {
      const test = Array.from({ length: images }, (_, index) => toDigest(`image ${index}`)).filter((digest) => toSplitSide(digest, ratio) === 'test').length;
      const deviation = Math.sqrt(images * ratio * (1 - ratio));
      assert.ok(Math.abs(test - images * ratio) < 4 * deviation, `${test} of ${images} at ${ratio}`);
    }
  });

  it('is independent of whether the image validates', () => {
    const images = Array.from({ length: 4_000 }, (_, index) => toDigest(`image ${index}`));
    const train = images.filter((digest) => toSplitSide(digest, 0.2) === 'train');
    const validating = train.filter((digest) => isValidation(digest, 0.1)).length;
    const deviation = Math.sqrt(train.length * 0.1 * 0.9);
    assert.ok(Math.abs(validating - train.length * 0.1) < 4 * deviation, `${validating} of ${train.length}`);
  });
});

describe('splitting samples', () => {
  it('puts each distinct image on one side once, or among the contradictions', () => {
    fc.assert(
      fc.property(data, ratios, (shards, ratio) => {
        const { train, test, contradictions } = splitSamples(shards, ratio);
        const placed = [...train, ...test].map(({ digest }) => digest).concat(contradictions);
        assert.deepEqual(placed.sort(), [...new Set(allOf(shards).map(({ digest }) => digest))].sort());
      }),
    );
  });

  it('leaves out exactly the images under more than one label', () => {
    fc.assert(
      fc.property(data, ratios, (shards, ratio) => {
        const labelsOf = Map.groupBy(allOf(shards), ({ digest }) => digest);
        const twice = [...labelsOf].filter(([, found]) => new Set(found.map(({ label }) => label)).size > 1).map(([digest]) => digest);
        assert.deepEqual(splitSamples(shards, ratio).contradictions, twice.sort());
      }),
    );
  });

  it('leaves images where they were when the data set grows', () => {
    fc.assert(
      fc.property(data, data, ratios, (before, added, ratio) => {
        const small = splitSamples(before, ratio);
        const big = splitSamples([...before, ...added], ratio);
        const stillUsed = new Set([...big.train, ...big.test].map(({ digest }) => digest));
        for (const side of ['train', 'test'] as const) {
          const grown = new Set(big[side].map(({ digest }) => digest));
          for (const { digest } of small[side]) if (stillUsed.has(digest)) assert.ok(grown.has(digest));
        }
      }),
    );
  });

  it('counts every sample as placed, copied or contradictory', () => {
    fc.assert(
      fc.property(data, ratios, (shards, ratio) => {
        const { train, test, copies, contradictions } = splitSamples(shards, ratio);
        const contradictory = allOf(shards).filter(({ digest }) => contradictions.includes(digest)).length;
        assert.equal(train.length + test.length + copies + contradictory, allOf(shards).length);
      }),
    );
  });

  it('refers to a shard that holds the sample under that label', () => {
    fc.assert(
      fc.property(data, ratios, (shards, ratio) => {
        const { train, test } = splitSamples(shards, ratio);
        for (const { label, digest, shard } of [...train, ...test]) {
          const held = shards.find((candidate) => candidate.digest === shard)?.samples ?? [];
          assert.ok(held.some((sample) => sample.digest === digest && sample.label === label));
        }
      }),
    );
  });
});

function toDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

let shardNumber = 0;
function toShards(groups: readonly (readonly { label: Emotion; digest: string }[])[]): Shard[] {
  return groups.map((group) => ({
    digest: toDigest(`shard ${shardNumber++}`),
    bytes: 1,
    samples: group.map((sample, index) => ({ ...sample, name: `${sample.label}/${index}`, etag: '"1"' })),
  }));
}

function allOf(shards: readonly Shard[]) {
  return shards.flatMap((shard) => shard.samples);
}
