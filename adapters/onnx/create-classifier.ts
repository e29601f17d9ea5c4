import type { Emotion, PerEmotion } from '../../domain/emotion.ts';
import { EMOTIONS, toPerEmotion } from '../../domain/emotion.ts';
import { Failure } from '../../domain/failure.ts';
import type { GreyPixels } from '../../domain/image-transform.ts';
import { IMAGE_PIXELS } from '../../domain/image-transform.ts';
import type { NetworkSession } from './network-session.ts';

/** Answers images with probabilities. */
export interface Classifier {
  /**
   * Probabilities of each image, in the order given. Each image is 48x48 grey, row-major.
   *
   * @throws Failure `input-invalid` for an image of another size
   */
  classify(images: readonly GreyPixels[]): Promise<PerEmotion[]>;
  /** Frees the network's memory. Whoever is still classifying gets an answer first. */
  close(): Promise<void>;
}

/** Images that are computed in one go. More gain nothing, and others get their turn in between. */
const MOST_IN_BATCH = 8;

/**
 * Asks a network, wherever it computes, and says what its numbers mean.
 *
 * @param labels of the network's outputs, by the model's manifest
 * @throws Failure `data-corrupt` when the labels are not the four; what `open` fails with
 */
export async function createClassifier(labels: readonly Emotion[], open: () => Promise<NetworkSession>): Promise<Classifier> {
  if (labels.length !== EMOTIONS.length || new Set(labels).size !== labels.length) {
    throw new Failure('data-corrupt', `The model answers ${labels.join(', ')}; this service needs ${EMOTIONS.join(', ')}.`);
  }
  const columns = toPerEmotion((emotion) => labels.indexOf(emotion));
  const session = await open();
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | null = null;

  async function answer(images: readonly GreyPixels[]): Promise<PerEmotion[]> {
    const answers: PerEmotion[] = [];
    for (let start = 0; start < images.length; start += MOST_IN_BATCH) {
      const batch = images.slice(start, start + MOST_IN_BATCH);
      const probabilities = await session.run(batch);
      answers.push(...batch.map((_, index) => toPerEmotion((emotion) => probabilities[index * labels.length + columns[emotion]]!)));
    }
    return answers;
  }

  async function end(): Promise<void> {
    await Promise.allSettled(underWay);
    await session.release();
  }

  return {
    async classify(images) {
      if (closing !== null) throw new Failure('model-unavailable', 'This model has been unloaded; ask again for the current one.');
      refuseOtherSizes(images);
      const answers = answer(images);
      underWay.add(answers);
      try {
        return await answers;
      } finally {
        underWay.delete(answers);
      }
    },
    async close() {
      await (closing ??= end());
    },
  };
}

function refuseOtherSizes(images: readonly GreyPixels[]): void {
  for (const { length } of images) {
    if (length !== IMAGE_PIXELS) throw new Failure('input-invalid', `An image has ${length} pixels; the network takes ${IMAGE_PIXELS}.`);
  }
}
