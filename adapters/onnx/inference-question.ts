import type { DetectedFace, RgbPicture } from '../../domain/face.ts';
import type { FailureKind } from '../../domain/failure.ts';
import type { GreyPixels } from '../../domain/image-transform.ts';
import type { Landmarks } from '../../domain/landmarks.ts';

/** What an inference thread can be asked. A network has the number that whoever loads it gives it. */
export interface InferenceActs {
  /** Must have been answered before the first `detect`. */
  readonly openDetector: { readonly input: { readonly onnx: Uint8Array }; readonly output: null };
  readonly detect: { readonly input: RgbPicture; readonly output: DetectedFace[] };
  /** Must have been answered before the first `findLandmarks`. */
  readonly openLandmarks: { readonly input: { readonly onnx: Uint8Array }; readonly output: null };
  readonly findLandmarks: { readonly input: { readonly faces: readonly Uint8Array[] }; readonly output: Landmarks[] };
  readonly openNetwork: { readonly input: { readonly network: number; readonly onnx: Uint8Array; readonly side: number }; readonly output: null };
  readonly classify: { readonly input: { readonly network: number; readonly images: readonly GreyPixels[] }; readonly output: Float32Array };
  readonly closeNetwork: { readonly input: { readonly network: number }; readonly output: null };
}

export type InferenceAct = keyof InferenceActs;

export interface InferenceQuestion {
  readonly id: number;
  readonly act: InferenceAct;
  readonly input: unknown;
}

export type InferenceReply =
  | { readonly type: 'answer'; readonly id: number; readonly output: unknown }
  /** A Failure would arrive as an error without a kind. */
  | { readonly type: 'failed'; readonly id: number; readonly kind: FailureKind; readonly message: string }
  | { readonly type: 'error'; readonly id: number; readonly error: unknown };

export interface InferenceThreadData {
  /** So many look for faces. */
  readonly processors: number;
}
