import type { Batches } from './batches.ts';
import type { Answers } from './calibrated-loss.ts';
import { OUTPUTS } from './network.ts';
import { nextTurn } from './next-turn.ts';
import { predict } from './predict.ts';
import { VIEWS } from './views.ts';
import type { NetworkWeights } from './weights.ts';

/** What the network answers to unchanged images, as in use unless it shall take fewer looks. Held in memory, a few bytes for each image. */
export async function answerAll(weights: NetworkWeights, batches: Batches, signal: AbortSignal, views = VIEWS): Promise<Answers> {
  const probabilities = new Float32Array(batches.samples * OUTPUTS);
  const labels = new Uint8Array(batches.samples);
  let images = 0;
  for await (const batch of batches.inOrder(signal)) {
    await nextTurn(signal);
    probabilities.set(predict(weights, batch.pixels, views), images * OUTPUTS);
    labels.set(batch.labels, images);
    images += batch.labels.length;
  }
  return { probabilities, labels };
}
