import assert from 'node:assert/strict';
import { toDatasetDigest, toInventoryDigest, toSamplesDigest, toSplitDigest } from '../../activities/content-digest.ts';
import type { DatasetManifest } from '../../domain/dataset.ts';
import { toPerEmotion } from '../../domain/emotion.ts';
import { IMAGE_TRANSFORM } from '../../domain/image-transform.ts';
import { GIT_SHA } from '../support/models.ts';
import { toReferences, toSplitManifest } from '../support/splits.ts';

const SAMPLE = { name: 'happy/1.png', etag: '"0x1"', label: 'happy', digest: 'ab'.repeat(32) } as const;
const DATASET: DatasetManifest = {
  runName: '20261124T015500Z-1a2b3c4',
  gitSha: GIT_SHA,
  createdAt: '2026-11-24T01:56:00.000Z',
  version: '20261124T015500Z-1a2b3c4',
  transform: IMAGE_TRANSFORM,
  limits: { maxBytes: 1, maxPixels: 2 },
  counts: toPerEmotion(() => 0),
  shards: [{ digest: 'cd'.repeat(32), bytes: 10, samples: [SAMPLE] }],
  refused: [{ name: 'sad/1.png', etag: '"0x2"', reason: 'empty' }],
};

/** All of them differ from the first and from each other. */
function assertAllDiffer(digests: readonly string[]): void {
  assert.equal(new Set(digests).size, digests.length);
  for (const digest of digests) assert.match(digest, /^[0-9a-f]{64}$/);
}

describe('digests of content', () => {
  const others = { runName: 'another', gitSha: '0'.repeat(40), createdAt: '2026-11-25T00:00:00.000Z' };

  it('tell inventories apart by names and ETags alone', () => {
    const image = { name: 'happy/1.png', etag: '"0x1"', label: 'happy', bytes: 5 } as const;
    assert.equal(toInventoryDigest([image]), toInventoryDigest([{ name: image.name, etag: image.etag }]));
    assertAllDiffer([toInventoryDigest([]), toInventoryDigest([image]), toInventoryDigest([{ ...image, etag: '"0x2"' }])]);
  });

  it('tell data sets apart by all that they hold, not by who made them', () => {
    assert.equal(toDatasetDigest({ ...DATASET, ...others, version: 'another' }), toDatasetDigest(DATASET));
    const shard = DATASET.shards[0]!;
    const changed: Partial<DatasetManifest>[] = [
      {},
      { transform: { ...IMAGE_TRANSFORM, version: 9 } },
      { limits: { maxBytes: 1, maxPixels: 3 } },
      { refused: [] },
      { shards: [] },
      { shards: [{ ...shard, digest: 'ef'.repeat(32) }] },
      ...[{ name: 'happy/2.png' }, { etag: '"0x3"' }, { label: 'sad' as const }, { digest: '12'.repeat(32) }].map((change) => ({ shards: [{ ...shard, samples: [{ ...SAMPLE, ...change }] }] })),
    ];
    assertAllDiffer(changed.map((change) => toDatasetDigest({ ...DATASET, ...change })));
  });

  it('tell splits apart by what is on which side, not by who made them', () => {
    const split = toSplitManifest();
    assert.equal(toSplitDigest({ ...split, ...others, version: 'another' }), toSplitDigest(split));
    const [first, ...rest] = split.train;
    assertAllDiffer([
      split,
      { ...split, testRatio: 0.3 },
      { ...split, datasetVersion: 'another' },
      { ...split, train: rest, test: [first!, ...split.test] },
      { ...split, train: [...split.train, split.test[0]!], test: split.test.slice(1) },
    ].map(toSplitDigest));
  });

  it('see the same samples wherever and in which order they lie', () => {
    const samples = toReferences(1, 9);
    assert.equal(toSamplesDigest(samples.map((each) => ({ ...each, shard: 'another' })).toReversed()), toSamplesDigest(samples));
    assertAllDiffer([samples, samples.slice(1), [{ ...samples[0]!, label: 'fearful' as const }, ...samples.slice(1)]].map(toSamplesDigest));
  });
});
