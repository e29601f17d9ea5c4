import type { DatasetStore } from '../adapters/blob-storage/dataset-store.ts';
import type { Stores } from '../adapters/blob-storage/stores.ts';
import { drawTrainingCurves } from '../adapters/charts/training-curves.ts';
import { loadClassifier } from '../adapters/onnx/classifier.ts';
import { calibrate } from '../adapters/tensorflow/calibrate.ts';
import type { CalibratedNetwork } from '../adapters/tensorflow/calibrate.ts';
import { saveLayersModel } from '../adapters/tensorflow/layers-model.ts';
import { exportOnnx } from '../adapters/tensorflow/onnx-export.ts';
import { measureParity } from '../adapters/tensorflow/parity.ts';
import { tensorflowVersions } from '../adapters/tensorflow/runtime.ts';
import type { SampleSource } from '../adapters/tensorflow/samples.ts';
import type { TrainedNetwork } from '../adapters/tensorflow/train.ts';
import { trainNetwork } from '../adapters/tensorflow/train.ts';
import { PARAMETERS } from '../adapters/tensorflow/weights.ts';
import type { SampleReference, SplitManifest } from '../domain/dataset.ts';
import { countByLabel } from '../domain/dataset.ts';
import { EMOTIONS } from '../domain/emotion.ts';
import { isFailure } from '../domain/failure.ts';
import type { GreyPixels } from '../domain/image-transform.ts';
import { MODEL_FILES } from '../domain/names.ts';
import { isValidation } from '../domain/split.ts';
import type { StoredFile, TrainingEvent, TrainingResult, TrainingSpec } from '../domain/training.ts';
import { toPercent } from '../domain/wording.ts';
import type { RunDiary } from './run-diary.ts';
import { openRunDiary } from './run-diary.ts';
import type { StartChart } from './training-chart.ts';

export interface TrainRunOptions {
  readonly runName: string;
  readonly stores: Pick<Stores, 'runs' | 'datasets'>;
  readonly startChart: StartChart;
  readonly checkpointIntervalMs: number;
  readonly say: (event: TrainingEvent) => void;
  readonly signal: AbortSignal;
}

/** Real images on which the export must answer as the trained network does. */
const PARITY_IMAGES = 256;

/**
 * Trains the candidate of a run: reads its spec, streams its samples, and leaves in the run's folder the model's files,
 * metrics, curves, log, TensorBoard events and, last, the result.
 *
 * @throws Failure whatever reading, training or writing fails with; the signal's reason when it is aborted
 */
export async function trainRun({ runName, stores, startChart, checkpointIntervalMs, say, signal }: TrainRunOptions): Promise<void> {
  const { runs, datasets } = stores;
  const diary = await openRunDiary(runs, runName, say);
  try {
    const spec = await runs.readSpec(runName);
    const split = await datasets.readSplit(spec.splitVersion);
    const chart = await startChart({ spec, split, runs, say: (message) => { diary.write({ type: 'log', message }); } });
    try {
      await makeCandidate({ spec, split, stores, checkpointIntervalMs, diary, signal, onEvent: (event) => { diary.write(event); chart.write(event); } });
    } catch (error) {
      await chart.close(signal.aborted ? 'KILLED' : 'FAILED');
      throw error;
    }
    await chart.close('FINISHED');
  } catch (error) {
    // For those who follow by the diary; the others are told by whoever catches this.
    diary.note(isFailure(error) ? { type: 'failed', kind: error.kind, message: error.message } : { type: 'log', message: String(error) });
    throw error;
  } finally {
    await diary.close();
  }
}

interface CandidateOptions extends Pick<TrainRunOptions, 'stores' | 'checkpointIntervalMs' | 'signal'> {
  readonly spec: TrainingSpec;
  readonly split: SplitManifest;
  readonly diary: RunDiary;
  readonly onEvent: (event: TrainingEvent) => void;
}

async function makeCandidate({ spec, split, stores, checkpointIntervalMs, diary, onEvent, signal }: CandidateOptions): Promise<void> {
  const { runs, datasets } = stores;
  const { runName } = spec;
  const sides = toSides(split, spec);
  const startedAt = performance.now();
  const network = await trainNetwork({
    hyperparameters: spec.hyperparameters,
    train: toSource(datasets, sides.train),
    validation: toSource(datasets, sides.validation),
    checkpoints: {
      intervalMs: checkpointIntervalMs,
      async save(bytes) {
        // First, so that whoever goes on from the checkpoint finds the metrics of every epoch in it.
        await diary.save();
        await runs.saveCheckpoint(runName, bytes);
      },
      load: () => runs.findCheckpoint(runName),
    },
    onEvent,
    signal,
  });
  const calibrated = await calibrate(network.weights, toSource(datasets, sides.validation), { ...spec.hyperparameters, signal });
  onEvent({ type: 'log', message: toCalibrationNote(calibrated) });
  const secondsBefore = diary.secondsBefore(network.resumedFromEpoch);
  const seconds = secondsBefore + (performance.now() - startedAt) / 1000;
  const images = await readPixels(datasets, [...sides.validation, ...sides.train].slice(0, PARITY_IMAGES), signal);
  const exported = await exportCandidate(stores, runName, { ...network, ...calibrated }, images);
  await runs.saveResult(toResult({ spec, sides, network, calibrated, seconds, ...exported }));
}

function toCalibrationNote({ calibration: { temperature, images }, certainty: { uncertainBelow, named, right } }: CalibratedNetwork): string {
  return `calibrated on ${images} validation images: temperature ${temperature.toFixed(2)}, uncertain below ${toPercent(uncertainBelow)}; ${named} answers name an expression, ${right} of them rightly`;
}

interface Sides {
  readonly train: readonly SampleReference[];
  readonly validation: readonly SampleReference[];
}

function toSides({ train: references }: SplitManifest, { hyperparameters }: TrainingSpec): Sides {
  const isHeldOut = ({ digest }: SampleReference) => isValidation(digest, hyperparameters.validationRatio);
  return {
    train: references.filter((reference) => !isHeldOut(reference)),
    validation: references.filter(isHeldOut),
  };
}

function toSource(datasets: DatasetStore, references: readonly SampleReference[]): SampleSource {
  return { counts: countByLabel(references), read: (signal) => datasets.readSamples(references, signal) };
}

async function readPixels(datasets: DatasetStore, references: readonly SampleReference[], signal: AbortSignal): Promise<GreyPixels[]> {
  const samples = await Array.fromAsync(datasets.readSamples(references, signal));
  return samples.map(({ pixels }) => pixels);
}

type Exported = Pick<TrainingResult, 'files' | 'parity'>;

/** Writes the model in both formats, and measures how far the ONNX one is from what was trained. */
async function exportCandidate(
  { runs }: Pick<Stores, 'runs'>,
  runName: string,
  { weights, history, bestEpoch }: TrainedNetwork,
  images: readonly GreyPixels[],
): Promise<Exported> {
  const onnx = exportOnnx(weights);
  const classifier = await loadClassifier(onnx, { labels: EMOTIONS });
  const largestDifference = await measureParity(weights, classifier, images).finally(() => classifier.close());
  const { topology, weights: weightBytes } = await saveLayersModel(weights);
  const curves = drawTrainingCurves(history, bestEpoch);
  await runs.saveCurves(runName, curves);
  const contents = [
    [MODEL_FILES.onnx, onnx],
    [MODEL_FILES.topology, topology],
    [MODEL_FILES.weights, weightBytes],
    [MODEL_FILES.curves, curves],
  ] as const;
  const files: StoredFile[] = [];
  for (const [name, content] of contents) files.push(await runs.saveCandidateFile(runName, name, content));
  return { files, parity: { images: images.length, largestDifference } };
}

interface ResultParts extends Exported {
  readonly spec: TrainingSpec;
  readonly sides: Sides;
  readonly network: TrainedNetwork;
  readonly calibrated: CalibratedNetwork;
  readonly seconds: number;
}

function toResult({ spec, sides, network, calibrated: { calibration, certainty }, seconds, files, parity }: ResultParts): TrainingResult {
  const { history, bestEpoch, stoppedEarly, resumedFromEpoch } = network;
  const trainedImages = history.length * sides.train.length;
  const trainingSeconds = history.reduce((sum, { imagesPerSecond }) => sum + sides.train.length / imagesPerSecond, 0);
  return {
    spec,
    epochs: history.length,
    bestEpoch,
    bestValidationAccuracy: history[bestEpoch - 1]?.validationAccuracy ?? 0,
    stoppedEarly,
    resumedFromEpoch,
    samples: { train: countByLabel(sides.train), validation: countByLabel(sides.validation) },
    parameters: PARAMETERS,
    seconds,
    imagesPerSecond: trainedImages / trainingSeconds,
    parity,
    calibration,
    certainty,
    libraries: { node: process.versions.node, ...tensorflowVersions },
    files,
  };
}
