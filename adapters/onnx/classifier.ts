import type { Emotion } from '../../domain/emotion.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import { IMAGE_SIDE } from '../../domain/image-transform.ts';
import type { Classifier } from './create-classifier.ts';
import { createClassifier } from './create-classifier.ts';
import { openNetworkSession } from './network-session.ts';

export interface ClassifierOptions {
  /** What the network's outputs mean, by the model's manifest; EMOTIONS when nothing is said. */
  readonly labels?: readonly Emotion[];
  /** One serves single images best; more pay off for batches. */
  readonly threads?: number;
}

/**
 * Loads a network that computes in the thread that asks, and keeps that busy; `openClassifier` uses others. It is warm when this resolves.
 *
 * @throws Failure `data-corrupt` when the bytes are no such network
 */
export function loadClassifier(onnx: Uint8Array, { labels = EMOTIONS, threads = 1 }: ClassifierOptions = {}): Promise<Classifier> {
  return createClassifier(labels, () => openNetworkSession(onnx, { side: IMAGE_SIDE, threads }));
}
