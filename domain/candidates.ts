import type { Hyperparameters, TrainingSpec } from './training.ts';

/** More than a team would look at, and than a cluster of four nodes trains in a day. */
export const MOST_CANDIDATES = 16;

/**
 * What candidates differ in beside their seed: factors and values around the recipe, each of which has won on some data
 * set. The first candidate is always the recipe as given; after the last variation they begin again with another seed.
 */
const VARIATIONS: readonly ((recipe: Hyperparameters) => Partial<Hyperparameters>)[] = [
  () => ({}),
  ({ learningRate }) => ({ learningRate: learningRate * 0.5 }),
  ({ weightDecay }) => ({ weightDecay: weightDecay * 5 }),
  ({ labelSmoothing }) => ({ labelSmoothing: Math.min(0.5, labelSmoothing + 0.05) }),
];

/** Hyperparameters of `count` candidates, the same for the same recipe. */
export function toCandidateHyperparameters(recipe: Hyperparameters, count: number): Hyperparameters[] {
  return Array.from({ length: count }, (_, index) => {
    const vary = VARIATIONS[index % VARIATIONS.length]!;
    return { ...recipe, ...vary(recipe), seed: recipe.seed + index };
  });
}

/**
 * One spec for each candidate of a run. A single candidate has the run's own name; of several each has a name, and so a
 * folder in the `runs` container, of its own: `<run>.c1`, `<run>.c2`, …
 */
export function toCandidateSpecs(spec: TrainingSpec, count: number): TrainingSpec[] {
  if (count === 1) return [spec];
  return toCandidateHyperparameters(spec.hyperparameters, count).map((hyperparameters, index) => ({
    ...spec,
    runName: `${spec.runName}.c${index + 1}`,
    hyperparameters,
  }));
}

/** `c2` of a run that is filed as `<run>.c2`; null of one that trains a single network. */
export function toCandidateLabel(runName: string): string | null {
  return /\.(c\d+)$/.exec(runName)?.[1] ?? null;
}

/** `<run>` of a candidate that is filed as `<run>.c2`, or as the run itself. */
export function toRunOfCandidate(candidate: string): string {
  return candidate.replace(/\.c\d+$/, '');
}
