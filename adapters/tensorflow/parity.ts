import type { PerEmotion } from '../../domain/emotion.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import type { GreyPixels } from '../../domain/image-transform.ts';
import { predict } from './predict.ts';
import type { NetworkWeights } from './weights.ts';

/** The exported network, as another run time computes it. */
export interface ExportedNetwork {
  classify(pixels: readonly GreyPixels[]): Promise<readonly PerEmotion[]>;
}

/** The largest difference of a probability between the trained network in TensorFlow and its export, on these images. */
export async function measureParity(weights: NetworkWeights, exported: ExportedNetwork, images: readonly GreyPixels[]): Promise<number> {
  const answers = await exported.classify(images);
  const expected = images.map((pixels) => predict(weights, pixels));
  return answers.reduce(
    (largest, answer, image) =>
      EMOTIONS.reduce((sofar, label, index) => Math.max(sofar, Math.abs(answer[label] - expected[image]![index]!)), largest),
    0,
  );
}
