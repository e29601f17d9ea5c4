import { loadClassifier } from '../../adapters/onnx/classifier.ts';
import { exportOnnx } from '../../adapters/tensorflow/onnx-export.ts';
import { createRandom } from '../../domain/random.ts';
import { createWeights } from '../../adapters/tensorflow/weights.ts';
import type { GoldenPrediction } from '../../domain/golden.ts';
import type { GreyPixels } from '../../domain/image-transform.ts';
import { drawGoldenImages } from '../../workers/golden-images.ts';

export interface GoldenModel {
  readonly onnx: Uint8Array;
  readonly golden: readonly GoldenPrediction[];
  /** Of the golden images, in their order. */
  readonly pixels: readonly GreyPixels[];
}

/** The real network, with the weights that training would begin with for this seed, and what it answers on this machine. */
export async function createGoldenModel(seed: number): Promise<GoldenModel> {
  const onnx = exportOnnx(createWeights(createRandom(seed)));
  const images = await drawGoldenImages();
  const pixels = images.map((image) => image.pixels);
  const classifier = await loadClassifier(onnx);
  const answers = await classifier.classify(pixels).finally(() => classifier.close());
  return { onnx, pixels, golden: images.map(({ file }, index) => ({ image: Buffer.from(file).toString('base64'), probabilities: answers[index]! })) };
}
