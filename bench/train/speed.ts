/**
 * Trains the network here and in Keras (tensorflow-cpu of PyPI, in an environment that this makes), on the same images, an epoch in
 * turn, and prints images a second, processor time and their ratios, and when each first came to a validation accuracy:
 *
 *     node bench/train/speed.ts --images <folder> [--epochs 12] [--target 0.45]
 *
 * A folder holds `<label>/*.png`, 48x48 grey. Network, batch size and what is done to the pixels are the same. Here images are also
 * augmented and blended and weights are averaged, as in every training; Keras is spared that. Both run with oneDNN, as Keras
 * does by itself where the processor has AVX512-VNNI; `TF_ENABLE_ONEDNN_OPTS=0` tells both to do without.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CONTRAST_FLOOR, STANDARDISATION_EPSILON, toAveraging } from '../../adapters/tensorflow/input.ts';
import { DROPOUT, HIDDEN_LAYERS, NORMALISATION_EPSILON } from '../../adapters/tensorflow/network.ts';
import { trainNetwork } from '../../adapters/tensorflow/train.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import { IMAGE_SIDE } from '../../domain/image-transform.ts';
import { isValidation } from '../../domain/split.ts';
import type { EpochMetrics } from '../../domain/training.ts';
import { hyperparametersSchema } from '../../domain/training.ts';
import { ensurePythonPackages } from '../../test/support/python-packages.ts';
import type { Face } from './face-folders.ts';
import { readFaces, toSource } from './face-folders.ts';

interface Epoch {
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly validationAccuracy: number;
}

const SCRIPT = fileURLToPath(new URL('keras_epochs.py', import.meta.url));
/** The first epoch allocates and compiles, on both sides. */
const WARM_UP_EPOCHS = 1;

const { values } = parseArgs({ options: { images: { type: 'string' }, epochs: { type: 'string', default: '12' }, target: { type: 'string', default: '0.45' } } });
if (values.images === undefined) throw new Error('say which images to train on: --images <folder>');
process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '1';

const epochs = Number(values.epochs);
const target = Number(values.target);
const hyperparameters = hyperparametersSchema.parse({ epochs, patience: epochs });
const faces = await readFaces(values.images);
const isHeldOut = ({ digest }: Face): boolean => isValidation(digest, hyperparameters.validationRatio);
const train = faces.filter((face) => !isHeldOut(face));
const validation = faces.filter(isHeldOut);

const folder = await mkdtemp(join(tmpdir(), 'barometer-bench-'));
const keras = await startKeras();
const [ours, theirs]: [Epoch[], Epoch[]] = [[], []];
const waits: number[] = [];
try {
  let usage = process.cpuUsage();
  await trainNetwork({
    hyperparameters,
    train: toSource(train),
    validation: toSource(validation),
    checkpoints: {
      // Asked for after every epoch: the other one's turn.
      intervalMs: 0,
      load: () => Promise.resolve(null),
      save: async () => {
        theirs.push(await keras.trainEpoch());
        usage = process.cpuUsage();
      },
    },
    onEvent: (event) => {
      if (event.type !== 'epoch') return;
      ours.push(toEpoch(event.metrics, process.cpuUsage(usage)));
      waits.push(event.metrics.dataWait ?? 0);
      console.error(`epoch ${event.metrics.epoch} of ${epochs}: ${Math.round(event.metrics.imagesPerSecond)} images/s, validation ${event.metrics.validationAccuracy.toFixed(3)}`);
    },
    signal: AbortSignal.timeout(3_600_000),
  });
} finally {
  await keras.end();
  await rm(folder, { recursive: true });
}

const rate = { ours: toRate(ours), keras: toRate(theirs) };
const processorMs = { ours: toProcessorMs(ours), keras: toProcessorMs(theirs) };
console.log(
  JSON.stringify(
    {
      images: { train: train.length, validation: validation.length },
      batchSize: hyperparameters.batchSize,
      epochs,
      imagesPerSecond: { ...rate, ratio: rate.ours / rate.keras },
      processorMsPerImage: { ...processorMs, ratio: processorMs.keras / processorMs.ours },
      shareWaitedForData: toMedian(waits.slice(WARM_UP_EPOCHS)),
      secondsTo: { validationAccuracy: target, ours: toSecondsTo(ours), keras: toSecondsTo(theirs) },
    },
    null,
    2,
  ),
);

/** Of the training itself, without validation, but for the processor time, which is of both. */
function toEpoch({ imagesPerSecond, validationAccuracy }: EpochMetrics, { user, system }: NodeJS.CpuUsage): Epoch {
  return { seconds: train.length / imagesPerSecond, processorSeconds: (user + system) / 1e6, validationAccuracy };
}

function toRate(done: readonly Epoch[]): number {
  return train.length / toMedian(done.slice(WARM_UP_EPOCHS).map(({ seconds }) => seconds));
}

function toProcessorMs(done: readonly Epoch[]): number {
  return (1000 * toMedian(done.slice(WARM_UP_EPOCHS).map(({ processorSeconds }) => processorSeconds))) / train.length;
}

/** Of training until the accuracy was first reached; null when it never was. */
function toSecondsTo(done: readonly Epoch[]): number | null {
  const reached = done.findIndex(({ validationAccuracy }) => validationAccuracy >= target);
  return reached === -1 ? null : done.slice(0, reached + 1).reduce((sum, { seconds }) => sum + seconds, 0);
}

function toMedian(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

async function startKeras(): Promise<{ trainEpoch(): Promise<Epoch>; end(): Promise<void> }> {
  const found = await ensurePythonPackages({ name: 'tensorflow-cpu-2.21.0', title: 'Keras on tensorflow-cpu (300 MB, once)', packages: ['tensorflow-cpu==2.21.0'], oldestMinor: 10 });
  if (found === null) throw new Error('there is nothing to measure against');
  const spec = {
    ...hyperparameters,
    side: IMAGE_SIDE,
    labels: EMOTIONS.length,
    layers: HIDDEN_LAYERS,
    dropout: DROPOUT,
    normalisationEpsilon: NORMALISATION_EPSILON,
    standardisationEpsilon: STANDARDISATION_EPSILON,
    contrastFloor: CONTRAST_FLOOR,
    averaging: [...toAveraging()],
  };
  const files = { spec: join(folder, 'spec.json'), train: join(folder, 'train'), validation: join(folder, 'validation') };
  await writeFile(files.spec, JSON.stringify(spec));
  await writeFile(files.train, toBytes(train));
  await writeFile(files.validation, toBytes(validation));
  const child = spawn(found.python, [SCRIPT, files.spec, files.train, files.validation], { env: { ...process.env, PYTHONPATH: found.directory }, stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async trainEpoch() {
      child.stdin.write('\n');
      const line = await lines.next();
      if (line.done === true) throw new Error('Keras ended; what it said is above');
      return JSON.parse(line.value) as Epoch;
    },
    async end() {
      child.stdin.end();
      await exited;
    },
  };
}

function toBytes(some: readonly Face[]): Buffer {
  return Buffer.concat(some.flatMap(({ pixels, label }) => [pixels, Uint8Array.of(EMOTIONS.indexOf(label))]));
}
