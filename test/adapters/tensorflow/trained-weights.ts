import { createRandom } from '../../../domain/random.ts';
import type { NetworkWeights } from '../../../adapters/tensorflow/weights.ts';
import { createWeights, STATISTICS_SLOTS, toView, TRAINABLE_SLOTS } from '../../../adapters/tensorflow/weights.ts';

/** Weights as after a training: statistics, scales and offsets of all sizes, some of the scales negative. */
export function createTrainedWeights(): NetworkWeights {
  const random = createRandom('trained');
  const weights = createWeights(random);
  const fill = (values: Float32Array, draw: () => number): void => values.forEach((_, index) => (values[index] = draw()));
  for (const slot of TRAINABLE_SLOTS) {
    if (slot.name.endsWith('/scale')) fill(toView(weights.trainable, slot), () => random.uniform(-0.4, 1.6));
    if (slot.name.endsWith('/offset')) fill(toView(weights.trainable, slot), () => random.uniform(-0.5, 0.5));
    if (slot.name.endsWith('/bias')) fill(toView(weights.trainable, slot), () => random.uniform(-0.1, 0.1));
  }
  for (const slot of STATISTICS_SLOTS) {
    const isMean = slot.name.endsWith('/mean');
    fill(toView(weights.statistics, slot), () => (isMean ? random.uniform(-0.5, 0.5) : random.uniform(0.2, 3)));
  }
  return weights;
}
