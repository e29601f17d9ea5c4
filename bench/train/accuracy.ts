/**
 * Trains on a folder of faces and measures on faces that the training never saw:
 *
 *     node bench/train/accuracy.ts --images <folder> --test <folder> [--seeds 1,2,3] [--epochs 60]
 *     node bench/train/accuracy.ts --images <folder> --test-ratio 0.2
 *
 * A folder holds `<label>/*.png`, 48x48 grey. `--test` takes those of its faces whose pixels are not among the images;
 * `--test-ratio` cuts the test side out of the images by the pipeline's own split rule. The figures come from the ONNX
 * export, as in the pipeline. Prints one JSON object for each seed, then their mean and spread. `--onnx <file>` keeps the
 * networks as `<file>.<seed>`; `--checkpoint <file>` keeps checkpoints likewise, from which an interrupted run goes on, and one that
 * was finished is only measured again.
 *
 * `--precisions 0.6,0.7` says how many faces an expression is named for when so many answers are to be right. `--disturbed 500` asks about
 * so many of the test faces again with their pictures made worse, as the model's card does.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadClassifier } from '../../adapters/onnx/classifier.ts';
import { calibrate } from '../../adapters/tensorflow/calibrate.ts';
import type { CheckpointStore } from '../../adapters/tensorflow/checkpoint.ts';
import { exportOnnx } from '../../adapters/tensorflow/onnx-export.ts';
import { measureParity } from '../../adapters/tensorflow/parity.ts';
import { trainNetwork } from '../../adapters/tensorflow/train.ts';
import { PARAMETERS } from '../../adapters/tensorflow/weights.ts';
import { EMOTIONS, toPerEmotion } from '../../domain/emotion.ts';
import { isValidation, toSplitSide } from '../../domain/split.ts';
import { hyperparametersSchema } from '../../domain/training.ts';
import { readFaces, toSource } from './face-folders.ts';
import type { Face } from './face-folders.ts';
import { measureAccuracy, measureDisturbed, measurePrecisions } from './measure.ts';

const { values } = parseArgs({
  options: {
    images: { type: 'string' },
    test: { type: 'string' },
    'test-ratio': { type: 'string', default: '0.2' },
    seeds: { type: 'string', default: '1' },
    epochs: { type: 'string' },
    'learning-rate': { type: 'string' },
    checkpoint: { type: 'string' },
    onnx: { type: 'string' },
    precisions: { type: 'string' },
    disturbed: { type: 'string' },
  },
});
if (values.images === undefined) throw new Error('say which images to train on: --images <folder>');

const sides = await readSides(values.images, values.test, Number(values['test-ratio']));
const runs = [];
for (const seed of values.seeds.split(',').map(Number)) {
  const run = await measure(seed, sides);
  runs.push(run);
  console.log(JSON.stringify(run, null, 2));
}
console.log(JSON.stringify(summarise(runs), null, 2));

async function measure(seed: number, { trainingSide, test }: Sides) {
  const hyperparameters = hyperparametersSchema.parse({
    seed,
    ...(values.epochs !== undefined && { epochs: Number(values.epochs) }),
    ...(values['learning-rate'] !== undefined && { learningRate: Number(values['learning-rate']) }),
  });
  const isHeldOut = ({ digest }: Face): boolean => isValidation(digest, hyperparameters.validationRatio);
  const heldOut = trainingSide.filter(isHeldOut);
  const validation = toSource(heldOut);
  const signal = AbortSignal.timeout(4 * 3_600_000);
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const network = await trainNetwork({
    hyperparameters,
    train: toSource(trainingSide.filter((face) => !isHeldOut(face))),
    validation,
    checkpoints: values.checkpoint === undefined ? null : toCheckpointFile(`${values.checkpoint}.${seed}`),
    onEvent: (event) => {
      if (event.type === 'epoch') console.error(JSON.stringify(event.metrics));
    },
    signal,
  });
  const { weights, calibration, certainty } = await calibrate(network.weights, validation, { ...hyperparameters, signal });
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);

  const onnx = exportOnnx(weights);
  if (values.onnx !== undefined) await writeFile(`${values.onnx}.${seed}`, onnx);
  const classifier = await loadClassifier(onnx, { labels: EMOTIONS, threads: 2 });
  const parity = await measureParity(weights, classifier, test.slice(0, 256).map(({ pixels }) => pixels));
  const { answers, evaluation, confidence } = await measureAccuracy(classifier, test, certainty);
  const measured = {
    accuracy: evaluation.accuracy,
    accuracyInterval: evaluation.accuracyInterval,
    recall: toPerEmotion((label) => evaluation.perClass[label].recall),
    confusion: evaluation.confusion,
    calibration,
    certainty,
    confidence,
    ...(values.precisions && { precisions: await measurePrecisions(classifier, heldOut, answers, values.precisions.split(',').map(Number)) }),
    ...(values.disturbed && { robustness: await measureDisturbed(classifier, test, Number(values.disturbed)) }),
  };
  await classifier.close();

  return {
    seed,
    ...measured,
    images: { trainingSide: trainingSide.length, test: test.length },
    hyperparameters,
    parameters: PARAMETERS,
    epochs: network.history.length,
    bestEpoch: network.bestEpoch,
    validationAccuracy: network.history[network.bestEpoch - 1]!.validationAccuracy,
    seconds,
    /** Of all cores together: what a machine with other work to do can be judged by. */
    processorSeconds: (cpu.user + cpu.system) / 1e6,
    imagesPerSecond: toMean(network.history.map(({ imagesPerSecond }) => imagesPerSecond)),
    largestRuntimeDifference: parity,
  };
}

type Run = Awaited<ReturnType<typeof measure>>;

/** Mean and standard deviation over the seeds; null where there is one only. */
function summarise(runs: readonly Run[]) {
  const accuracies = runs.map(({ accuracy }) => accuracy);
  const mean = toMean(accuracies);
  const variance = accuracies.reduce((sum, accuracy) => sum + (accuracy - mean) ** 2, 0) / (runs.length - 1);
  return {
    seeds: runs.map(({ seed }) => seed),
    accuracies,
    meanAccuracy: mean,
    standardDeviation: runs.length > 1 ? Math.sqrt(variance) : null,
    meanRecall: toPerEmotion((label) => toMean(runs.map(({ recall }) => recall[label]))),
  };
}

interface Sides {
  readonly trainingSide: Face[];
  readonly test: Face[];
}

async function readSides(images: string, testFolder: string | undefined, testRatio: number): Promise<Sides> {
  const faces = await readFaces(images);
  if (testFolder === undefined) {
    const isTest = ({ digest }: Face): boolean => toSplitSide(digest, testRatio) === 'test';
    return { trainingSide: faces.filter((face) => !isTest(face)), test: faces.filter(isTest) };
  }
  const seen = new Set(faces.map(({ pixelDigest }) => pixelDigest));
  return { trainingSide: faces, test: (await readFaces(testFolder)).filter(({ pixelDigest }) => !seen.has(pixelDigest)) };
}

function toCheckpointFile(file: string): CheckpointStore {
  return {
    intervalMs: 10_000,
    save: (bytes) => writeFile(file, bytes),
    load: async () => (existsSync(file) ? readFile(file) : null),
  };
}

function toMean(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0) / numbers.length;
}
