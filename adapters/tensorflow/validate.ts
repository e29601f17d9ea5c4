import type { Batches } from './batches.ts';
import { toCalibratedLoss } from './calibrated-loss.ts';
import { OUTPUTS } from './network.ts';
import { nextTurn } from './next-turn.ts';
import { predict } from './predict.ts';
import type { NetworkWeights } from './weights.ts';

export interface ValidationScores {
  /** Cross-entropy after calibration, without label smoothing; each label counts by its weight. */
  readonly loss: number;
  readonly accuracy: number;
}

/** Scores the network on unchanged images. Holds their answers in memory, a few bytes for each image. */
export async function validate(weights: NetworkWeights, batches: Batches, classWeights: Float32Array, signal: AbortSignal): Promise<ValidationScores> {
  const probabilities = new Float32Array(batches.samples * OUTPUTS);
  const labels = new Uint8Array(batches.samples);
  let images = 0;
  let right = 0;
  for await (const batch of batches.inOrder(signal)) {
    await nextTurn(signal);
    const answers = predict(weights, batch.pixels);
    probabilities.set(answers, images * OUTPUTS);
    labels.set(batch.labels, images);
    images += batch.labels.length;
    for (const [index, label] of batch.labels.entries()) {
      const answer = answers.subarray(index * OUTPUTS, (index + 1) * OUTPUTS);
      if (answer.indexOf(Math.max(...answer)) === label) right += 1;
    }
  }
  return { loss: toCalibratedLoss({ probabilities, labels, classWeights }), accuracy: right / images };
}
