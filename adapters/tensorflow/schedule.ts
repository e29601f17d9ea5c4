/** Share of the steps in which the rate climbs to its peak: fresh weights and averages can't take the peak at once. */
const WARM_UP_SHARE = 0.1;

/** Share of the epochs in which images are blended: in the last ones, with small steps, the network learns them as they come. */
const MIXED_SHARE = 2 / 3;

/**
 * The learning rate of a step: a straight climb to `peak`, then half a cosine down to nearly nothing, where the weights
 * settle. It depends on the step alone, so that a resumed run goes on as it would have.
 *
 * @param step counts from 0
 */
export function toLearningRate(step: number, steps: number, peak: number): number {
  const warmUpSteps = Math.max(1, WARM_UP_SHARE * steps);
  const done = (step + 1 - warmUpSteps) / Math.max(1, steps - warmUpSteps);
  if (done <= 0) return (peak * (step + 1)) / warmUpSteps;
  return (peak * (1 + Math.cos(Math.PI * done))) / 2;
}

/** How many epochs, from the first on, see blended images. */
export function toMixedEpochs(epochs: number): number {
  return Math.round(MIXED_SHARE * epochs);
}
