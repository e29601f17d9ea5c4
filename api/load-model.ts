import { EMOTIONS } from '../domain/emotion.ts';
import type { Emotion, PerEmotion } from '../domain/emotion.ts';
import { Failure } from '../domain/failure.ts';
import type { GreyPixels } from '../domain/image-transform.ts';
import { IMAGE_PIXELS, IMAGE_TRANSFORM, isSameTransform } from '../domain/image-transform.ts';
import type { ModelCard, ModelManifest } from '../domain/model.ts';
import { labelOrderSchema } from '../domain/model.ts';
import { MODEL_FILES } from '../domain/names.ts';

/** A network that is ready to answer. */
export interface Classifier {
  /** Probabilities of each image, in the order given. */
  classify(pixels: readonly GreyPixels[]): Promise<PerEmotion[]>;
  close(): Promise<void>;
}

export type ClassifierLoader = (onnx: Uint8Array, options: { readonly labels: readonly Emotion[] }) => Promise<Classifier>;

/** Of the registry, what loading needs. */
export interface VersionReader {
  read(version: number, fileNames: readonly string[]): Promise<{
    readonly manifest: ModelManifest;
    readonly card: ModelCard;
    readonly files: ReadonlyMap<string, Uint8Array>;
  }>;
}

export interface ServedModel {
  readonly manifest: ModelManifest;
  readonly card: ModelCard;
  readonly classifier: Pick<Classifier, 'classify'>;
  /** SVG by file name, of those that the version holds. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
}

/** A model that whoever has loaded it must close. */
export interface LoadedModel extends ServedModel {
  readonly classifier: Classifier;
}

const SERVED_FILES = [MODEL_FILES.onnx, MODEL_FILES.curves, MODEL_FILES.confusion, MODEL_FILES.reliability];

/** The first runs of a session allocate; nobody's request should wait for that. */
const WARM_UP_RUNS = 5;

/** Probabilities come as 32-bit floats. */
const LARGEST_SUM_ERROR = 1e-3;

/**
 * Reads a version and runs its network until it is warm.
 *
 * @throws Failure `data-corrupt` when its outputs or inputs would mean something else here, or when it does not answer with
 *   probabilities; whatever the registry fails with
 */
export async function loadModel(version: number, versions: VersionReader, loadClassifier: ClassifierLoader): Promise<LoadedModel> {
  const { manifest, card, files } = await versions.read(version, SERVED_FILES);
  refuseForeign(manifest);
  const onnx = files.get(MODEL_FILES.onnx);
  if (onnx === undefined) throw new Failure('data-corrupt', `Version ${version} holds no ${MODEL_FILES.onnx}.`);
  const classifier = await loadClassifier(onnx, { labels: manifest.labels });
  try {
    await warmUp(classifier);
  } catch (error) {
    await classifier.close();
    throw error;
  }
  const pictures = new Map([...files].filter(([name]) => name !== MODEL_FILES.onnx));
  return { manifest, card, classifier, pictures };
}

/** A network whose outputs or inputs mean something else would answer, and wrongly. */
function refuseForeign({ version, labels, transform }: ModelManifest): void {
  const order = labelOrderSchema.safeParse(labels);
  if (!order.success) throw new Failure('data-corrupt', `Version ${version} has its labels in another order: ${labels.join(', ')}.`);
  if (isSameTransform(transform, IMAGE_TRANSFORM)) return;
  throw new Failure(
    'data-corrupt',
    `Version ${version} was trained on images made by ${transform.name} ${transform.version}; this API makes ${IMAGE_TRANSFORM.name} ${IMAGE_TRANSFORM.version}.`,
  );
}

async function warmUp(classifier: Classifier): Promise<void> {
  for (let run = 0; run < WARM_UP_RUNS; run += 1) {
    const [answer] = await classifier.classify([new Uint8Array(IMAGE_PIXELS).fill(51 * run)]);
    const sum = EMOTIONS.reduce((total, emotion) => total + (answer?.[emotion] ?? Number.NaN), 0);
    if (!(Math.abs(sum - 1) < LARGEST_SUM_ERROR)) {
      throw new Failure('data-corrupt', 'The network does not answer with probabilities.');
    }
  }
}
