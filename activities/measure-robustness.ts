import type { GreyPixels } from '../domain/image-transform.ts';
import { toLikeliest } from '../domain/prediction.ts';
import type { Condition, Robustness } from '../domain/robustness.ts';
import { DISTURBANCES, SMALL_SIDES, STRENGTHS } from '../domain/robustness.ts';
import { inBatches } from './in-batches.ts';
import type { Classifier, TestSample } from './measure-candidate.ts';

/** Makes a picture of 48x48 grey pixels worse; the same seed makes the same picture. */
export type Disturb = (pixels: GreyPixels, condition: Condition, seed: string) => Promise<GreyPixels>;

export interface MeasureRobustnessRequest {
  readonly candidate: Classifier;
  readonly disturb: Disturb;
  /** Those that {@link chooseDisturbed} chose. */
  readonly samples: AsyncIterable<TestSample>;
  readonly report: (details: unknown) => void;
}

/** Two points of accuracy either way (standard error); thirty times as many answers are asked for, in a minute on two cores. */
const MOST_IMAGES = 500;

const BATCH_SIZE = 64;

const CONDITIONS: readonly (Condition | null)[] = [
  null,
  ...DISTURBANCES.flatMap((disturbance) => STRENGTHS.map((strength) => ({ disturbance, strength }))),
  ...SMALL_SIDES.map((side) => ({ side })),
];

/** Up to so many test images, 500 unless more or fewer are wanted, chosen by their digests: of all labels as they come, and mostly the same ones in a data set that has grown. */
export function chooseDisturbed<Sample extends { readonly digest: string }>(test: readonly Sample[], most = MOST_IMAGES): Sample[] {
  return test.toSorted((a, b) => (a.digest < b.digest ? -1 : 1)).slice(0, most);
}

/** Asks the candidate about test images as they are and under every disturbance, all in memory. */
export async function measureRobustness({ candidate, disturb, samples, report }: MeasureRobustnessRequest): Promise<Robustness> {
  const right = new Map(CONDITIONS.map((condition) => [toKey(condition), 0]));
  let images = 0;
  for await (const batch of inBatches(samples, BATCH_SIZE)) {
    images += batch.length;
    for (const condition of CONDITIONS) {
      const key = toKey(condition);
      const seen = await Promise.all(batch.map(async ({ pixels, digest }) => (condition === null ? pixels : disturb(pixels, condition, `${key}/${digest}`))));
      const answers = await candidate.classify(seen);
      const hits = batch.filter(({ label }, index) => toLikeliest(answers[index]!) === label).length;
      right.set(key, right.get(key)! + hits);
    }
    report({ imagesDisturbed: images });
  }
  const toAccuracy = (condition: Condition | null) => (images === 0 ? 0 : right.get(toKey(condition))! / images);
  return {
    images,
    accuracy: toAccuracy(null),
    disturbances: DISTURBANCES.map((disturbance) => {
      const [mild, medium, strong] = STRENGTHS.map((strength) => toAccuracy({ disturbance, strength }));
      return { name: disturbance, mild: mild!, medium: medium!, strong: strong! };
    }),
    smallFaces: SMALL_SIDES.map((side) => ({ side, accuracy: toAccuracy({ side }) })),
  };
}

function toKey(condition: Condition | null): string {
  if (condition === null) return 'as it is';
  return 'side' in condition ? `side ${condition.side}` : `${condition.disturbance} ${condition.strength}`;
}
