import type { Emotion, PerEmotion } from '../../domain/emotion.ts';
import type { GreyPixels } from '../../domain/image-transform.ts';

/** One labelled image. */
export interface TrainingSample {
  readonly label: Emotion;
  readonly pixels: GreyPixels;
}

/** Where images come from. */
export interface SampleSource {
  /** How many images `read` gives, by label. */
  readonly counts: PerEmotion;
  /**
   * All images once, in the same order at every call. Sets too large to be held in memory are read anew in every epoch
   * and shuffled within a bounded window: their order should mix the labels.
   */
  read(signal: AbortSignal): AsyncIterable<TrainingSample>;
}
