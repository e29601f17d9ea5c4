import { IMAGE_PIXELS } from '../../domain/image-transform.ts';
import { augment } from './augmentation.ts';
import type { Batch } from './batches.ts';
import { mixUp } from './mixup.ts';
import { OUTPUTS } from './network.ts';
import type { Random } from '../../domain/random.ts';

export interface TrainingBatch {
  /** Image after image, 2304 numbers each, 0 to 255. */
  readonly pixels: Float32Array<ArrayBuffer>;
  /** What the network should answer: for each image one probability per label, times the image's weight in the loss. */
  readonly targets: Float32Array<ArrayBuffer>;
  readonly size: number;
}

export interface Preparation {
  /** How much an image of each label counts. */
  readonly classWeights: Float32Array;
  readonly labelSmoothing: number;
  /** Whether images are blended. */
  readonly isMixed: boolean;
}

/** Makes of a batch of images what a training step wants: changed copies, and blended targets. */
export function prepareBatch({ pixels, labels }: Batch, { classWeights, labelSmoothing, isMixed }: Preparation, random: Random): TrainingBatch {
  const size = labels.length;
  const augmented = new Float32Array(size * IMAGE_PIXELS);
  const targets = new Float32Array(size * OUTPUTS);
  for (const [index, label] of labels.entries()) {
    const [start, end] = [index * IMAGE_PIXELS, (index + 1) * IMAGE_PIXELS];
    augment(pixels.subarray(start, end), augmented.subarray(start, end), random);
    const weight = classWeights[label]!;
    targets.fill((weight * labelSmoothing) / OUTPUTS, index * OUTPUTS, (index + 1) * OUTPUTS);
    targets[index * OUTPUTS + label]! += weight * (1 - labelSmoothing);
  }
  const images = { pixels: augmented, targets, size };
  return isMixed ? mixUp(images, random) : images;
}
