import { IMAGE_PIXELS } from '../../domain/image-transform.ts';
import { augment } from './augmentation.ts';
import type { Batch } from './batches.ts';
import { mixUp } from './mixup.ts';
import { DROPOUT, HIDDEN_LAYERS, OUTPUTS } from './network.ts';
import type { Random } from '../../domain/random.ts';

export interface TrainingBatch {
  /** Image after image, 2304 numbers each, 0 to 255. */
  readonly pixels: Float32Array<ArrayBuffer>;
  /** What the network should answer: for each image one probability per label, times the image's weight in the loss. */
  readonly targets: Float32Array<ArrayBuffer>;
  /** What each image's votes are multiplied with: 0 drops one. One number for each filter of the last hidden layer. */
  readonly keep: Float32Array<ArrayBuffer>;
  readonly size: number;
}

export interface Preparation {
  /** How much an image of each label counts. */
  readonly classWeights: Float32Array;
  readonly labelSmoothing: number;
  /** Whether images are blended. */
  readonly isMixed: boolean;
}

/** Makes of a batch of images what a training step wants: changed copies, blended targets, and votes to drop. */
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
  return { ...(isMixed ? mixUp(images, random) : images), keep: drawDropout(size * HIDDEN_LAYERS.at(-1)!.filters, random), size };
}

/** Inverted dropout: what stays is scaled up, so that the network in use needs no correction. */
function drawDropout(votes: number, random: Random): Float32Array<ArrayBuffer> {
  const keep = new Float32Array(votes);
  for (let index = 0; index < votes; index += 1) keep[index] = random.uniform(0, 1) < DROPOUT ? 0 : 1 / (1 - DROPOUT);
  return keep;
}
