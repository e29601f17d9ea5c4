import { cutFaces } from '../adapters/vision/cut-faces.ts';
import { toGreyPixels } from '../adapters/vision/decode.ts';
import { toPerEmotion } from '../domain/emotion.ts';
import type { FaceDetector } from '../domain/face.ts';
import type { GreyPixels, ImageLimits } from '../domain/image-transform.ts';
import type { Classification, FaceClassification } from '../domain/prediction.ts';
import { toClassification, toSceneSummary } from '../domain/prediction.ts';
import type { PredictionAnswer, PredictQuery } from './answers.ts';
import type { Classifier } from './load-model.ts';

export interface SceneReader {
  readonly detector: FaceDetector;
  readonly classifier: Pick<Classifier, 'classify'>;
  readonly imageLimits: ImageLimits;
}

export interface ReadScene {
  readonly scene: Omit<PredictionAnswer, 'model'>;
  /** How long it took to find and cut out what is classified, a search for faces that found none included, and to classify it. */
  readonly seconds: { readonly decode: number; readonly inference: number };
}

/**
 * Says which expressions an image shows: its faces, in one batch, or the whole of it, as the query says.
 *
 * @throws Failure `image-too-large`, `image-unsupported`, `image-unreadable`
 */
export async function readScene(bytes: Uint8Array, query: PredictQuery, reader: SceneReader): Promise<ReadScene> {
  const startedAt = performance.now();
  if (query.faces === 'never') return readWhole(bytes, reader, startedAt);
  const { width, height, faces: cut } = await cutFaces(bytes, reader.imageLimits, reader.detector, query.tiles);
  if (cut.length === 0 && query.faces === 'auto') return readWhole(bytes, reader, startedAt);
  const decode = (performance.now() - startedAt) / 1000;
  const { classifications, inference } = await classify(cut.map(({ pixels }) => pixels), reader);
  const faces = cut.map(({ box, score, flaws }, index) => ({ box, score, ...classifications[index]!, quality: [...flaws] }));
  const summary = toSceneSummary(faces satisfies FaceClassification[]);
  return { scene: { ...summary, source: 'faces', faces, image: { width, height } }, seconds: { decode, inference } };
}

async function readWhole(bytes: Uint8Array, reader: SceneReader, startedAt: number): Promise<ReadScene> {
  const { pixels, width, height } = await toGreyPixels(bytes, reader.imageLimits);
  const decode = (performance.now() - startedAt) / 1000;
  const { classifications, inference } = await classify([pixels], reader);
  return {
    scene: { ...classifications[0]!, source: 'whole-image', faces: [], counts: toPerEmotion(() => 0), image: { width, height } },
    seconds: { decode, inference },
  };
}

async function classify(images: readonly GreyPixels[], { classifier }: SceneReader): Promise<{ classifications: Classification[]; inference: number }> {
  const startedAt = performance.now();
  const answers = images.length === 0 ? [] : await classifier.classify(images);
  if (answers.length !== images.length) throw new Error(`the classifier gave ${answers.length} answers to ${images.length} images`);
  return { classifications: answers.map(toClassification), inference: (performance.now() - startedAt) / 1000 };
}
