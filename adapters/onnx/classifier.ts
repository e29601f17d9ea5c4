import './no-telemetry.ts';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Emotion, PerEmotion } from '../../domain/emotion.ts';
import { EMOTIONS, toPerEmotion } from '../../domain/emotion.ts';
import { Failure } from '../../domain/failure.ts';
import type { GreyPixels } from '../../domain/image-transform.ts';
import { IMAGE_PIXELS, IMAGE_SIDE } from '../../domain/image-transform.ts';

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

export interface ClassifierOptions {
  /** What the network's outputs mean, by the model's manifest; EMOTIONS when nothing is said. */
  readonly labels?: readonly Emotion[];
  /** One serves single images best; more pay off for batches. */
  readonly threads?: number;
}

const INPUT = 'pixels';
const OUTPUT = 'probabilities';

/**
 * ONNX Runtime keeps the event loop waiting while it computes a batch: some 10 ms for this many. More in one gain nothing,
 * and others get their turn in between.
 */
const MAX_BATCH = 16;

/**
 * Loads a network in the ONNX format: input `pixels`, float32 [N, 48, 48, 1], grey 0 to 255 (the network standardises by
 * itself); output `probabilities`, float32 [N, labels]. It has answered once when this resolves: the first answer takes
 * longer.
 *
 * @throws Failure `data-corrupt` when the bytes are no such network
 */
export async function loadClassifier(bytes: Uint8Array, { labels = EMOTIONS, threads = 1 }: ClassifierOptions = {}): Promise<Classifier> {
  if (labels.length !== EMOTIONS.length || new Set(labels).size !== labels.length) {
    throw new Failure('data-corrupt', `The model answers ${labels.join(', ')}; this service needs ${EMOTIONS.join(', ')}.`);
  }
  const session = await createSession(bytes, threads);
  const columns = toPerEmotion((emotion) => labels.indexOf(emotion));
  let closed = false;
  let running = Promise.resolve();

  async function run(images: readonly GreyPixels[]): Promise<PerEmotion[]> {
    const pixels = new Float32Array(images.length * IMAGE_PIXELS);
    for (const [index, image] of images.entries()) pixels.set(image, index * IMAGE_PIXELS);
    const outputs = await session.run({ [INPUT]: new Tensor('float32', pixels, [images.length, IMAGE_SIDE, IMAGE_SIDE, 1]) });
    const probabilities = outputs[OUTPUT]!.data as Float32Array;
    return images.map((_, index) => toPerEmotion((emotion) => probabilities[index * labels.length + columns[emotion]]!));
  }

  async function classify(images: readonly GreyPixels[]): Promise<PerEmotion[]> {
    if (closed) throw new Failure('model-unavailable', 'This model has been unloaded; ask again for the current one.');
    for (const { length } of images) {
      if (length !== IMAGE_PIXELS) throw new Failure('input-invalid', `An image has ${length} pixels; the network takes ${IMAGE_PIXELS}.`);
    }
    const answers: PerEmotion[] = [];
    for (let start = 0; start < images.length; start += MAX_BATCH) {
      answers.push(...(await run(images.slice(start, start + MAX_BATCH))));
    }
    return answers;
  }

  await run([new Uint8Array(IMAGE_PIXELS)]).catch(async (cause: unknown) => {
    await session.release();
    throw new Failure('data-corrupt', 'The model is an ONNX network of another shape than this service can ask.', { cause });
  });

  return {
    classify(images) {
      const answer = classify(images);
      const settled = answer.then(() => {}, () => {});
      running = Promise.all([running, settled]).then(() => {});
      return answer;
    },
    async close() {
      if (closed) return;
      closed = true;
      await running;
      await session.release();
    },
  };
}

async function createSession(bytes: Uint8Array, threads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      // Errors only: its warnings are about graph optimisations.
      logSeverityLevel: 3,
    });
  } catch (cause) {
    throw new Failure('data-corrupt', 'The model is no ONNX network that can be read.', { cause });
  }
}
