import type { FaceSight } from '../domain/landmarks.ts';
import { cutFaces } from '../adapters/vision/cut-faces.ts';
import { toGreyPixels } from '../adapters/vision/decode.ts';
import { toPerEmotion } from '../domain/emotion.ts';
import type { GreyPixels, ImageLimits } from '../domain/image-transform.ts';
import type { Certainty, Classification, FaceClassification } from '../domain/prediction.ts';
import { toClassification, toSceneSummary } from '../domain/prediction.ts';
import { isInStaffArea } from '../domain/staff-area.ts';
import type { StaffArea } from '../domain/venue.ts';
import type { PredictionAnswer, PredictQuery } from './answers.ts';
import type { Classifier } from './load-model.ts';

export interface SceneReader extends Certainty, FaceSight {
  readonly classifier: Pick<Classifier, 'classify'>;
  readonly imageLimits: ImageLimits;
  /** Faces in them are left out, and the whole image is never looked at; none when not given. */
  readonly staffAreas?: readonly StaffArea[];
}

export interface ReadScene {
  readonly scene: Omit<PredictionAnswer, 'model'>;
  /** How long it took to find and cut out what is classified, a search for faces that found none included, and to classify it. */
  readonly seconds: { readonly decode: number; readonly inference: number };
}

/**
 * Says which expressions an image shows: its faces, in one batch, or the whole of it, as the query says. Where there are staff areas it is only ever
 * faces, also where none is found: somebody in the areas may be what the whole image shows.
 *
 * @throws Failure `image-too-large`, `image-unsupported`, `image-unreadable`
 */
export async function readScene(bytes: Uint8Array, query: PredictQuery, reader: SceneReader): Promise<ReadScene> {
  const startedAt = performance.now();
  const { staffAreas = [] } = reader;
  const mayBeWhole = staffAreas.length === 0;
  if (query.faces === 'never' && mayBeWhole) return readWhole(bytes, reader, startedAt);
  const { width, height, faces: cut, leftOut } = await cutFaces(bytes, reader.imageLimits, reader, query.tiles, (box, image) => isInStaffArea(box, image, staffAreas));
  if (cut.length === 0 && query.faces === 'auto' && mayBeWhole) return readWhole(bytes, reader, startedAt);
  const decode = (performance.now() - startedAt) / 1000;
  const { classifications, inference } = await classify(cut.map(({ pixels }) => pixels), reader);
  const faces = cut.map(({ box, score, flaws }, index) => ({ box, score, ...classifications[index]!, quality: [...flaws] }));
  const summary = toSceneSummary(faces satisfies FaceClassification[], reader);
  return { scene: { ...summary, source: 'faces', faces, leftOut, image: { width, height } }, seconds: { decode, inference } };
}

async function readWhole(bytes: Uint8Array, reader: SceneReader, startedAt: number): Promise<ReadScene> {
  const { pixels, width, height } = await toGreyPixels(bytes, reader.imageLimits);
  const decode = (performance.now() - startedAt) / 1000;
  const { classifications, inference } = await classify([pixels], reader);
  return {
    scene: { ...classifications[0]!, source: 'whole-image', faces: [], leftOut: 0, counts: toPerEmotion(() => 0), uncertainFaces: 0, image: { width, height } },
    seconds: { decode, inference },
  };
}

async function classify(images: readonly GreyPixels[], { classifier, uncertainBelow }: SceneReader): Promise<{ classifications: Classification[]; inference: number }> {
  const startedAt = performance.now();
  const answers = images.length === 0 ? [] : await classifier.classify(images);
  if (answers.length !== images.length) throw new Error(`the classifier gave ${answers.length} answers to ${images.length} images`);
  return { classifications: answers.map((probabilities) => toClassification(probabilities, { uncertainBelow })), inference: (performance.now() - startedAt) / 1000 };
}
