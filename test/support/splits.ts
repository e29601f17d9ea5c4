import { createHash } from 'node:crypto';
import type { SampleReference, SplitManifest } from '../../domain/dataset.ts';
import { countByLabel } from '../../domain/dataset.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import { IMAGE_TRANSFORM } from '../../domain/image-transform.ts';
import { GIT_SHA } from './models.ts';

/** References to images that there need not be: the same for the same numbers. */
export function toReferences(first: number, last: number): SampleReference[] {
  const toSha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    label: EMOTIONS[(first + index) % EMOTIONS.length]!,
    digest: toSha256(`image ${first + index}`),
    shard: toSha256('shard'),
  }));
}

/** A split of a few such images. */
export function toSplitManifest(overrides: Partial<SplitManifest> = {}): SplitManifest {
  const { train = toReferences(1, 16), test = toReferences(17, 20) } = overrides;
  const runName = '20261124T015500Z-1a2b3c4';
  return {
    runName,
    gitSha: GIT_SHA,
    createdAt: '2026-11-24T01:56:00.000Z',
    version: `${runName}.test-0.2`,
    datasetVersion: runName,
    transform: IMAGE_TRANSFORM,
    testRatio: 0.2,
    counts: { train: countByLabel(train), test: countByLabel(test) },
    copies: 0,
    excluded: 0,
    contradictions: [],
    train,
    test,
    ...overrides,
  };
}
