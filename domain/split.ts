import type { SampleReference, Shard } from './dataset.ts';

/** Which part of a data set a sample belongs to. `validation` is cut out of the training side. */
export type SplitSide = 'train' | 'test';

/**
 * Decides by content alone on which side an image falls, so that it falls on the same side for ever: when the data set
 * grows, when the image is uploaded twice, and when another model is trained. A larger ratio only adds to the test side.
 *
 * @param digest sha256 of the raw image, as 64 hexadecimal digits
 * @param testRatio share of images to keep for testing, 0 to 1
 */
export function toSplitSide(digest: string, testRatio: number): SplitSide {
  return toUnitInterval(digest, 0) < testRatio ? 'test' : 'train';
}

/**
 * Whether an image of the training side is kept out of the training itself to choose the best epoch. Independent of
 * {@link toSplitSide}: it reads other digits of the digest.
 */
export function isValidation(digest: string, validationRatio: number): boolean {
  return toUnitInterval(digest, 8) < validationRatio;
}

/** Eight hexadecimal digits of a digest as a number in [0, 1), uniform because digests are. */
function toUnitInterval(digest: string, offset: number): number {
  return Number.parseInt(digest.slice(offset, offset + 8), 16) / 2 ** 32;
}

export interface SplitSamples {
  readonly train: SampleReference[];
  readonly test: SampleReference[];
  /** Samples left out because the same image is there already. */
  readonly copies: number;
  /** Digests of images that lie under more than one label; on neither side. */
  readonly contradictions: string[];
}

/** Puts every distinct image of a data set on its side; what lies under two labels teaches nothing and is left out. */
export function splitSamples(shards: readonly Shard[], testRatio: number): SplitSamples {
  const found = new Map<string, { readonly reference: SampleReference; samples: number }>();
  const contradictions = new Set<string>();
  for (const shard of shards) {
    for (const { label, digest } of shard.samples) {
      const same = found.get(digest);
      if (same === undefined) found.set(digest, { reference: { label, digest, shard: shard.digest }, samples: 1 });
      else if (same.reference.label === label) same.samples += 1;
      else contradictions.add(digest);
    }
  }
  const sides: Record<SplitSide, SampleReference[]> = { train: [], test: [] };
  let copies = 0;
  for (const [digest, { reference, samples }] of found) {
    if (contradictions.has(digest)) continue;
    sides[toSplitSide(digest, testRatio)].push(reference);
    copies += samples - 1;
  }
  return { ...sides, copies, contradictions: [...contradictions].sort() };
}
