/**
 * Trains on a folder of faces and measures on faces that the training never saw:
 *
 *     node bench/train/accuracy.ts --images <folder> --test <folder> [--seed 1] [--epochs 60]
 *     node bench/train/accuracy.ts --images <folder> --test-ratio 0.2
 *
 * A folder holds `<label>/*.png`, 48x48 grey. `--test` takes those of its faces whose pixels are not among the images;
 * `--test-ratio` cuts the test side out of the images by the pipeline's own split rule. The figures come from the ONNX
 * export, as in the pipeline. Prints one JSON object; `--onnx <file>` keeps the network, `--checkpoint <file>` lets an
 * interrupted run go on.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadClassifier } from '../../adapters/onnx/classifier.ts';
import type { CheckpointStore } from '../../adapters/tensorflow/checkpoint.ts';
import { exportOnnx } from '../../adapters/tensorflow/onnx-export.ts';
import { measureParity } from '../../adapters/tensorflow/parity.ts';
import { trainNetwork } from '../../adapters/tensorflow/train.ts';
import { PARAMETERS } from '../../adapters/tensorflow/weights.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import { evaluate } from '../../domain/evaluation.ts';
import { toClassification } from '../../domain/prediction.ts';
import { isValidation, toSplitSide } from '../../domain/split.ts';
import { hyperparametersSchema } from '../../domain/training.ts';
import { readFaces, toSource } from './face-folders.ts';
import type { Face } from './face-folders.ts';

const { values } = parseArgs({
  options: {
    images: { type: 'string' },
    test: { type: 'string' },
    'test-ratio': { type: 'string', default: '0.2' },
    seed: { type: 'string' },
    epochs: { type: 'string' },
    'learning-rate': { type: 'string' },
    checkpoint: { type: 'string' },
    onnx: { type: 'string' },
  },
});
if (values.images === undefined) throw new Error('say which images to train on: --images <folder>');

const hyperparameters = hyperparametersSchema.parse({
  ...(values.seed !== undefined && { seed: Number(values.seed) }),
  ...(values.epochs !== undefined && { epochs: Number(values.epochs) }),
  ...(values['learning-rate'] !== undefined && { learningRate: Number(values['learning-rate']) }),
});
const { trainingSide, test } = await readSides(values.images, values.test, Number(values['test-ratio']));
const isHeldOut = ({ digest }: Face): boolean => isValidation(digest, hyperparameters.validationRatio);
const startedAt = performance.now();
const network = await trainNetwork({
  hyperparameters,
  train: toSource(trainingSide.filter((face) => !isHeldOut(face))),
  validation: toSource(trainingSide.filter(isHeldOut)),
  checkpoints: toCheckpointFile(values.checkpoint),
  onEvent: (event) => {
    if (event.type === 'epoch') console.error(JSON.stringify(event.metrics));
  },
  signal: AbortSignal.timeout(4 * 3_600_000),
});
const seconds = (performance.now() - startedAt) / 1000;

const onnx = exportOnnx(network.weights);
if (values.onnx !== undefined) await writeFile(values.onnx, onnx);
const classifier = await loadClassifier(onnx, { labels: EMOTIONS, threads: 2 });
const parity = await measureParity(network.weights, classifier, test.slice(0, 256).map(({ pixels }) => pixels));
const answers = await classifier.classify(test.map(({ pixels }) => pixels));
const evaluation = evaluate(test.map(({ label }, index) => ({ truth: label, answer: toClassification(answers[index]!).emotion })));
await classifier.close();

const best = network.history[network.bestEpoch - 1]!;
console.log(
  JSON.stringify(
    {
      accuracy: evaluation.accuracy,
      accuracyInterval: evaluation.accuracyInterval,
      confusion: evaluation.confusion,
      images: { trainingSide: trainingSide.length, test: test.length },
      hyperparameters,
      parameters: PARAMETERS,
      epochs: network.history.length,
      bestEpoch: network.bestEpoch,
      validationAccuracy: best.validationAccuracy,
      seconds,
      imagesPerSecond: toMean(network.history.map(({ imagesPerSecond }) => imagesPerSecond)),
      largestRuntimeDifference: parity,
    },
    null,
    2,
  ),
);

async function readSides(images: string, testFolder: string | undefined, testRatio: number): Promise<{ trainingSide: Face[]; test: Face[] }> {
  const faces = await readFaces(images);
  if (testFolder === undefined) {
    const isTest = ({ digest }: Face): boolean => toSplitSide(digest, testRatio) === 'test';
    return { trainingSide: faces.filter((face) => !isTest(face)), test: faces.filter(isTest) };
  }
  const seen = new Set(faces.map(({ pixelDigest }) => pixelDigest));
  return { trainingSide: faces, test: (await readFaces(testFolder)).filter(({ pixelDigest }) => !seen.has(pixelDigest)) };
}

function toCheckpointFile(file: string | undefined): CheckpointStore {
  return {
    save: async (bytes) => {
      if (file !== undefined) await writeFile(file, bytes);
    },
    load: async () => (file !== undefined && existsSync(file) ? readFile(file) : null),
  };
}

function toMean(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0) / numbers.length;
}
