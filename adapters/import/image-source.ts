import type { Emotion } from '../../domain/emotion.ts';

/** One image that could be imported. */
export interface FoundImage {
  /** Null when its label is none of the four. */
  readonly label: Emotion | null;
  /** The label in the source's own words. */
  readonly labelName: string;
  /** Its name inside the label's folder of the raw container; may hold slashes. */
  readonly fileName: string;
  read(): Promise<Uint8Array>;
}

/** Images to import, found while they are asked for. */
export type ImageSource = AsyncIterable<FoundImage>;
