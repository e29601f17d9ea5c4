import assert from 'node:assert/strict';
import { countByLabel, datasetManifestSchema, splitManifestSchema, toInventoryDigestInput } from '../../domain/dataset.ts';
import { toPerEmotion } from '../../domain/emotion.ts';
import { IMAGE_TRANSFORM } from '../../domain/image-transform.ts';

const DIGEST = 'ab'.repeat(32);
const ORIGIN = { runName: '20261124T015500Z-1a2b3c4', gitSha: '1a'.repeat(20), createdAt: '2026-11-24T01:55:00.000Z' };
const COUNTS = toPerEmotion(() => 0);

describe('counting by label', () => {
  it('counts every label, also those that nothing has', () => {
    assert.deepEqual(countByLabel([{ label: 'sad' }, { label: 'happy' }, { label: 'sad' }]), { happy: 1, sad: 2, angry: 0, fearful: 0 });
    assert.deepEqual(countByLabel([]), COUNTS);
  });
});

describe('telling inventories apart', () => {
  const images = [{ name: 'happy/1.png', etag: '"0x1"' }, { name: 'sad/2.png', etag: '"0x2"' }];
  const of = toInventoryDigestInput;

  it('sees the same in any order', () => {
    assert.equal(of(images), of(images.toReversed()));
  });

  it('sees an image that came, went, was replaced or was moved', () => {
    const [first, second] = images as [typeof images[0], typeof images[0]];
    const others = [[...images, { name: 'sad/3.png', etag: '"0x3"' }], [first], [first, { ...second, etag: '"0x9"' }], [first, { ...second, name: 'angry/2.png' }]];
    for (const other of others) assert.notEqual(of(other), of(images));
  });

  it('is not fooled by a name that looks like two images', () => {
    assert.notEqual(of([{ name: 'a","b', etag: 'c' }]), of([{ name: 'a', etag: 'b","c' }]));
    assert.notEqual(of([{ name: 'a\nb', etag: 'c' }]), of([{ name: 'a', etag: 'c' }, { name: 'b', etag: 'c' }]));
  });
});

describe('the manifest of a data set', () => {
  const manifest = {
    ...ORIGIN,
    version: ORIGIN.runName,
    transform: IMAGE_TRANSFORM,
    limits: { maxBytes: 1, maxPixels: 1 },
    counts: COUNTS,
    shards: [{ digest: DIGEST, bytes: 1, samples: [{ name: 'happy/a', etag: '"1"', label: 'happy', digest: DIGEST }] }],
    refused: [{ name: 'happy/b', etag: '"1"', reason: 'unreadable' }],
  };

  it('survives being written and read', () => {
    assert.deepEqual(datasetManifestSchema.parse(JSON.parse(JSON.stringify(manifest))), manifest);
  });

  it('is refused with a digest that is none, a short git-sha, or a reason that nobody knows', () => {
    const bad = [
      { ...manifest, shards: [{ ...manifest.shards[0], digest: 'ab' }] },
      { ...manifest, gitSha: '1a2b3c4' },
      { ...manifest, refused: [{ ...manifest.refused[0], reason: 'ugly' }] },
      { ...manifest, counts: { happy: 1 } },
    ];
    for (const each of bad) assert.equal(datasetManifestSchema.safeParse(each).success, false, JSON.stringify(each));
  });
});

describe('the manifest of a split', () => {
  const manifest = {
    ...ORIGIN,
    version: `${ORIGIN.runName}.test-0.2`,
    datasetVersion: ORIGIN.runName,
    transform: IMAGE_TRANSFORM,
    testRatio: 0.2,
    counts: { train: COUNTS, test: COUNTS },
    copies: 0,
    excluded: 0,
    contradictions: [DIGEST],
    train: [{ label: 'happy', digest: DIGEST, shard: DIGEST }],
    test: [],
  };

  it('survives being written and read', () => {
    assert.deepEqual(splitManifestSchema.parse(JSON.parse(JSON.stringify(manifest))), manifest);
  });

  it('is refused when it leaves a side empty by its ratio', () => {
    for (const testRatio of [0, 1]) assert.equal(splitManifestSchema.safeParse({ ...manifest, testRatio }).success, false);
  });
});
