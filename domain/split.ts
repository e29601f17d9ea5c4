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

/** Into which of so many parts an image falls when a data set is cut up for cross-validation, from 0. Independent of both rules above. */
export function toFold(digest: string, folds: number): number {
  return Math.floor(toUnitInterval(digest, 16) * folds);
}

/** Eight hexadecimal digits of a digest as a number in [0, 1), uniform because digests are. */
function toUnitInterval(digest: string, offset: number): number {
  return Number.parseInt(digest.slice(offset, offset + 8), 16) / 2 ** 32;
}

/** Every distinct image of a data set. */
export interface DistinctSamples {
  readonly references: SampleReference[];
  /** Samples left out because the same image is there already. */
  readonly copies: number;
  /** Digests of images that lie under more than one label; on neither side. */
  readonly contradictions: string[];
}

/** Takes each image of a data set once; what lies under two labels teaches nothing and is left out. */
export function toDistinct(shards: readonly Shard[]): DistinctSamples {
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
  const kept = [...found.values()].filter(({ reference }) => !contradictions.has(reference.digest));
  const copies = kept.reduce((total, { samples }) => total + samples - 1, 0);
  return { references: kept.map(({ reference }) => reference), copies, contradictions: [...contradictions].sort() };
}

export interface SplitSamples extends Omit<DistinctSamples, 'references'> {
  readonly train: SampleReference[];
  readonly test: SampleReference[];
  /** Images left out of the training side because somebody asked for it. */
  readonly excluded: number;
}

/**
 * Puts every distinct image of a data set on its side. Images that are excluded, by the names of raw images, are left out of the training
 * side, with their copies. The test side keeps them: a test without the images that networks get wrong would only look better, and could
 * not be compared with what others reached.
 */
export function splitSamples(shards: readonly Shard[], testRatio: number, exclusions: readonly string[] = []): SplitSamples {
  const { references, copies, contradictions } = toDistinct(shards);
  const names = new Set(exclusions);
  const unwanted = new Set(shards.flatMap(({ samples }) => samples.filter(({ name }) => names.has(name))).map(({ digest }) => digest));
  const { train = [], test = [] } = Object.groupBy(references, ({ digest }) => toSplitSide(digest, testRatio));
  const kept = train.filter(({ digest }) => !unwanted.has(digest));
  return { train: kept, test, copies, contradictions, excluded: train.length - kept.length };
}
