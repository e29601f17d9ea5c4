import type { Batches } from './batches.ts';
import { OUTPUTS } from './network.ts';
import { predict } from './predict.ts';
import type { NetworkWeights } from './weights.ts';
import { nextTurn } from './next-turn.ts';

export interface ValidationScores {
  /** Mean cross-entropy, without label smoothing, each label counting by its weight. */
  readonly loss: number;
  readonly accuracy: number;
}

/** Keeps the logarithm finite when a network is utterly sure and wrong. */
const SMALLEST_PROBABILITY = 1e-7;

/** Scores the network on unchanged images. */
export async function validate(weights: NetworkWeights, batches: Batches, classWeights: Float32Array, signal: AbortSignal): Promise<ValidationScores> {
  let loss = 0;
  let weight = 0;
  let right = 0;
  for await (const { pixels, labels } of batches.inOrder(signal)) {
    await nextTurn(signal);
    const probabilities = predict(weights, pixels);
    for (const [index, label] of labels.entries()) {
      const answer = probabilities.subarray(index * OUTPUTS, (index + 1) * OUTPUTS);
      loss -= classWeights[label]! * Math.log(Math.max(SMALLEST_PROBABILITY, answer[label]!));
      weight += classWeights[label]!;
      if (answer.indexOf(Math.max(...answer)) === label) right += 1;
    }
  }
  return { loss: loss / weight, accuracy: right / batches.samples };
}
