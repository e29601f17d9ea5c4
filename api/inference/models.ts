import { z } from 'zod';
import { EMOTIONS } from '../../domain/emotion.ts';
import { Failure } from '../../domain/failure.ts';
import { IMAGE_PIXELS, IMAGE_SIDE } from '../../domain/image-transform.ts';
import { MODEL_NAME } from '../../domain/names.ts';
import { toClassification } from '../../domain/prediction.ts';
import type { AnswerImage } from '../answer-image.ts';
import type { PredictQuery } from '../answers.ts';
import { MOST_IMAGES, predictQuerySchema } from '../answers.ts';
import type { ServedModel } from '../load-model.ts';
import type { Scenery } from '../place.ts';
import type { InferenceRequest, ModelMetadata, TensorMetadata } from './messages.ts';
import type { InputMetadata, InputTensor, OutputTensor } from './tensors.ts';

/** A model as the Open Inference Protocol sees it: one tensor in, some out. */
export interface InferenceModel {
  readonly name: string;
  readonly platform: string;
  readonly input: InputMetadata;
  readonly outputs: readonly TensorMetadata[];
  /** @throws Failure `input-invalid`, `image-too-large`, `image-unsupported`, `image-unreadable`, naming which image it is */
  infer(tensor: InputTensor, question: InferenceQuestion): Promise<OutputTensor[]>;
}

export interface InferenceQuestion {
  readonly parameters: InferenceRequest['parameters'];
  readonly served: ServedModel;
  /** Which camera the images are of; fails as `readScenery` does. */
  readonly toScenery: (query: PredictQuery) => Scenery | null;
}

const PROBABILITIES: TensorMetadata = { name: 'probabilities', datatype: 'FP32', shape: [-1, EMOTIONS.length], parameters: { labels: EMOTIONS.join(',') } };
const EMOTION: TensorMetadata = { name: 'emotion', datatype: 'BYTES', shape: [-1] };
const CONFIDENCE: TensorMetadata = { name: 'confidence', datatype: 'FP32', shape: [-1] };
const PREDICTION: TensorMetadata = { name: 'prediction', datatype: 'BYTES', shape: [-1] };

/** The network itself: faces that are cut out and shrunk already, as the registered version takes them. */
export function createFaceModel(): InferenceModel {
  return {
    name: MODEL_NAME,
    platform: 'onnxruntime_onnx',
    input: { name: 'pixels', datatype: 'UINT8', shape: [-1, IMAGE_SIDE, IMAGE_SIDE, 1] },
    outputs: [PROBABILITIES, EMOTION],
    async infer({ data }, { served: { classifier, manifest } }) {
      const pixels = data as Uint8Array;
      const faces = Array.from({ length: pixels.length / IMAGE_PIXELS }, (_, index) => pixels.subarray(index * IMAGE_PIXELS, (index + 1) * IMAGE_PIXELS));
      refuseTooMany(faces);
      const answers = (await classifier.classify(faces)).map((probabilities) => toClassification(probabilities, manifest));
      return [
        toNumbers(PROBABILITIES, [answers.length, EMOTIONS.length], answers.flatMap(({ probabilities }) => EMOTIONS.map((emotion) => probabilities[emotion]))),
        toTexts(EMOTION, answers.map(({ emotion }) => emotion)),
      ];
    },
  };
}

/** All that /predict does: image files in; what each shows, and the whole answer as JSON. */
export function createSceneModel(answerImage: AnswerImage): InferenceModel {
  return {
    name: 'emotions-scene',
    platform: 'barometer',
    input: { name: 'image', datatype: 'BYTES', shape: [-1] },
    outputs: [EMOTION, CONFIDENCE, PROBABILITIES, PREDICTION],
    async infer({ data }, { parameters, served, toScenery }) {
      const images = data as readonly Uint8Array[];
      refuseTooMany(images);
      const query = readQuery(parameters);
      const scenery = toScenery(query);
      const scenes: Awaited<ReturnType<AnswerImage>>[] = [];
      for (const [index, bytes] of images.entries()) scenes.push(await answerImage(bytes, query, served, scenery).catch(failAs(index)));
      return [
        toTexts(EMOTION, scenes.map(({ emotion }) => emotion ?? '')),
        toNumbers(CONFIDENCE, [scenes.length], scenes.map(({ confidence }) => confidence ?? 0)),
        toNumbers(PROBABILITIES, [scenes.length, EMOTIONS.length], scenes.flatMap(({ probabilities }) => EMOTIONS.map((emotion) => probabilities?.[emotion] ?? 0))),
        toTexts(PREDICTION, scenes.map((scene) => JSON.stringify(scene))),
      ];
    },
  };
}

export function toMetadata({ name, platform, input, outputs }: InferenceModel, version: string): ModelMetadata {
  return { name, versions: [version], platform, inputs: [input], outputs: [...outputs] };
}

function refuseTooMany({ length }: readonly unknown[]): void {
  if (length === 0 || length > MOST_IMAGES) throw new Failure('input-invalid', `A request holds 1 to ${MOST_IMAGES} images; this one holds ${length}.`);
}

function readQuery({ faces, tiles }: NonNullable<InferenceRequest['parameters']> = {}): PredictQuery {
  const parsed = predictQuerySchema.safeParse({ faces, tiles });
  if (parsed.success) return parsed.data;
  throw new Failure('input-invalid', `The parameters ask for something that there is not: ${z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ')}`);
}

/** The protocol has one answer for all images: the one that can't be read is named. */
function failAs(index: number): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(error.kind, `Image ${index + 1}: ${error.message}`, { cause: error });
  };
}

function toNumbers({ name }: TensorMetadata, shape: readonly number[], data: readonly number[]): OutputTensor {
  return { name, shape, datatype: 'FP32', data: Float32Array.from(data) };
}

function toTexts({ name }: TensorMetadata, texts: readonly string[]): OutputTensor {
  return { name, shape: [texts.length], datatype: 'BYTES', data: texts.map((text) => Buffer.from(text)) };
}
