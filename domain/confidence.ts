import { z } from 'zod';
import type { Certainty } from './prediction.ts';
import type { Verified } from './certainty.ts';
import { intervalSchema, toWilsonInterval } from './statistics.ts';

const share = z.number().min(0).max(1);
const count = z.int().nonnegative();

/** How far a network's confidence can be believed, on test images that neither it nor its calibration has seen. */
export const confidenceSchema = z.object({
  /**
   * Expected calibration error: by how much confidence and accuracy differ, on average over the images. Of the confidence in the
   * likeliest expression, in up to 15 bins of equally many images (one more or less).
   */
  calibrationError: share,
  /** What that would be by chance alone, on average, if the confidence were exactly right: few images can't show less. */
  errorByChance: share,
  /** From the least to the most confident; means over the images of each. */
  bins: z.array(z.object({ images: count, confidence: share, accuracy: share })),
  /** The test images for which an expression is named: whose confidence is at the threshold or above. */
  named: z.object({
    uncertainBelow: share,
    images: count,
    right: count,
    /** 95 % Wilson interval of the share that is right. */
    precisionInterval: intervalSchema,
  }),
});
export type Confidence = z.infer<typeof confidenceSchema>;

const MOST_BINS = 15;

/** Measures confidence against what is right. */
export function measureConfidence(answers: readonly Verified[], { uncertainBelow }: Certainty): Confidence {
  const bins = toBins(answers.toSorted((a, b) => a.confidence - b.confidence));
  const named = answers.filter(({ confidence }) => confidence >= uncertainBelow);
  const right = countRight(named);
  return {
    calibrationError: toMean(answers.length, bins, ({ confidence, accuracy }) => Math.abs(confidence - accuracy)),
    errorByChance: toMean(answers.length, bins, ({ deviation }) => deviation),
    bins: bins.map(({ deviation: _deviation, ...bin }) => bin),
    named: { uncertainBelow, images: named.length, right, precisionInterval: toWilsonInterval(right, named.length) },
  };
}

interface Bin {
  readonly images: number;
  readonly confidence: number;
  readonly accuracy: number;
  /** By how much the accuracy of so many images is off, on average, when every confidence is exactly right. */
  readonly deviation: number;
}

function toBins(sorted: readonly Verified[]): Bin[] {
  const count = Math.min(MOST_BINS, sorted.length);
  const toStart = (bin: number) => Math.round((bin * sorted.length) / count);
  return Array.from({ length: count }, (_, bin) => {
    const held = sorted.slice(toStart(bin), toStart(bin + 1));
    const sum = (valueOf: (each: Verified) => number) => held.reduce((total, each) => total + valueOf(each), 0);
    const variance = sum(({ confidence }) => confidence * (1 - confidence)) / held.length ** 2;
    return {
      images: held.length,
      confidence: sum(({ confidence }) => confidence) / held.length,
      accuracy: countRight(held) / held.length,
      // The mean of a normal distribution's absolute value.
      deviation: Math.sqrt((2 / Math.PI) * variance),
    };
  });
}

function toMean(images: number, bins: readonly Bin[], valueOf: (bin: Bin) => number): number {
  return images === 0 ? 0 : bins.reduce((sum, bin) => sum + bin.images * valueOf(bin), 0) / images;
}

function countRight(answers: readonly Verified[]): number {
  return answers.filter(({ isRight }) => isRight).length;
}
