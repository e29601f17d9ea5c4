import { createHash } from 'node:crypto';
import { Failure } from '../../domain/failure.ts';
import { IMAGE_PIXELS } from '../../domain/image-transform.ts';
import type { EpochMetrics, Hyperparameters, TrainingEvent } from '../../domain/training.ts';
import { AUGMENTATION, augment } from './augmentation.ts';
import type { Batch, Batches } from './batches.ts';
import { createBatches } from './batches.ts';
import type { Checkpoint, CheckpointStore } from './checkpoint.ts';
import { restoreCheckpoint, serialiseCheckpoint } from './checkpoint.ts';
import { toClassWeights } from './class-balance.ts';
import { hasRunOut, INITIAL_STOPPING_STATE, observeEpoch } from './early-stopping.ts';
import { mixUp } from './mixup.ts';
import { HIDDEN_LAYERS, OUTPUTS } from './network.ts';
import { nextTurn } from './next-turn.ts';
import { createTrainingState, takeStep } from './optimiser.ts';
import type { TrainingState } from './optimiser.ts';
import type { Random } from './random.ts';
import { createRandom } from './random.ts';
import type { SampleSource } from './samples.ts';
import { toLearningRate } from './schedule.ts';
import type { TrainingBatch } from './training-pass.ts';
import { runTrainingPass } from './training-pass.ts';
import { validate } from './validate.ts';
import type { NetworkWeights } from './weights.ts';
import { copyWeights, createWeights } from './weights.ts';

export interface TrainingRequest {
  readonly hyperparameters: Hyperparameters;
  readonly train: SampleSource;
  /** Images that only choose the best epoch; none of them may be in `train`. */
  readonly validation: SampleSource;
  readonly checkpoints: CheckpointStore;
  /** Checkpoints are written after an epoch, and at least this long after the one before. */
  readonly checkpointIntervalMs?: number;
  readonly onEvent?: (event: TrainingEvent) => void;
  readonly signal: AbortSignal;
}

export interface TrainedNetwork {
  /** Of the best epoch. */
  readonly weights: NetworkWeights;
  /** One entry for each epoch, also for those before a resumption. */
  readonly history: readonly EpochMetrics[];
  readonly bestEpoch: number;
  readonly stoppedEarly: boolean;
  /** 0 when training began at the beginning. */
  readonly resumedFromEpoch: number;
}

/** Writing a checkpoint costs some 15 MB: with short epochs not every one of them is worth it. */
const CHECKPOINT_INTERVAL_MS = 10_000;

/**
 * Trains a network, from the last checkpoint if there is one. The same seed, hyperparameters, data and processor give the
 * same network, resumed or not.
 *
 * @throws Failure `training-failed` when the loss is not a number any more, `too-few-samples`, `data-corrupt`
 * @throws the signal's reason, within a batch's time, when it is aborted
 */
export async function trainNetwork(request: TrainingRequest): Promise<TrainedNetwork> {
  const { hyperparameters, checkpoints, checkpointIntervalMs = CHECKPOINT_INTERVAL_MS, signal, onEvent = () => {} } = request;
  const { seed, epochs, batchSize, patience } = hyperparameters;
  const train = createBatches(request.train, { batchSize });
  const validation = createBatches(request.validation, { batchSize });
  if (train.count === 0 || validation.count === 0) {
    throw new Failure('too-few-samples', `There are ${train.samples} images to train on and ${validation.samples} to validate with; each needs at least one.`);
  }
  const fingerprint = toFingerprint(request);
  const resumed = await resume(checkpoints, fingerprint, onEvent);
  const { state, ...start } = resumed ?? begin(seed);
  let { best, stopping, history } = start;
  const resumedFromEpoch = history.length;
  onEvent({ type: 'started', samples: train.samples, validationSamples: validation.samples, resumedFromEpoch });

  const classWeights = toClassWeights(request.train.counts);
  let savedAt = performance.now();
  let savedEpoch = resumedFromEpoch;
  for (let epoch = history.length + 1; epoch <= epochs && !hasRunOut(stopping, epoch - 1, patience); epoch += 1) {
    const metrics = await runEpoch({ epoch, state, train, validation, classWeights, hyperparameters, signal, onEvent });
    history = [...history, metrics];
    stopping = observeEpoch(stopping, epoch, metrics.validationLoss);
    if (stopping.bestEpoch === epoch) best = copyWeights(state.average);
    onEvent({ type: 'epoch', metrics });
    if (performance.now() - savedAt < checkpointIntervalMs) continue;
    await save({ history, stopping, state, best });
  }
  // So that a retry after a failure in what follows training need not train again.
  if (savedEpoch < history.length) await save({ history, stopping, state, best });
  return { weights: best, history, bestEpoch: stopping.bestEpoch, stoppedEarly: history.length < epochs, resumedFromEpoch };

  async function save(checkpoint: Checkpoint): Promise<void> {
    const bytes = serialiseCheckpoint(checkpoint, fingerprint);
    await checkpoints.save(bytes);
    savedAt = performance.now();
    savedEpoch = checkpoint.history.length;
    onEvent({ type: 'checkpoint', epoch: savedEpoch, bytes: bytes.byteLength });
  }
}

function begin(seed: number): Checkpoint {
  const weights = createWeights(createRandom(seed, 'weights'));
  return { history: [], stopping: INITIAL_STOPPING_STATE, state: createTrainingState(weights), best: copyWeights(weights) };
}

async function resume(checkpoints: CheckpointStore, fingerprint: string, onEvent: (event: TrainingEvent) => void): Promise<Checkpoint | null> {
  const bytes = await checkpoints.load();
  if (bytes === null) return null;
  const checkpoint = restoreCheckpoint(bytes, fingerprint);
  if (checkpoint === null) onEvent({ type: 'log', message: 'the stored checkpoint is of another training; training starts anew' });
  return checkpoint;
}

/** Changes whenever going on from an older checkpoint would not be the same training. */
function toFingerprint({ hyperparameters, train, validation }: TrainingRequest): string {
  const facts = { hyperparameters, network: HIDDEN_LAYERS, augmentation: AUGMENTATION, train: train.counts, validation: validation.counts };
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

interface EpochRequest extends Pick<TrainingRequest, 'hyperparameters' | 'signal'> {
  readonly epoch: number;
  /** Changed in place. */
  readonly state: TrainingState;
  readonly train: Batches;
  readonly validation: Batches;
  readonly classWeights: Float32Array;
  readonly onEvent: (event: TrainingEvent) => void;
}

async function runEpoch({ epoch, state, train, validation, classWeights, hyperparameters, signal, onEvent }: EpochRequest): Promise<EpochMetrics> {
  const { seed, epochs, learningRate: peak, weightDecay, labelSmoothing } = hyperparameters;
  const startedAt = performance.now();
  let batchNumber = 0;
  let lossSum = 0;
  let images = 0;
  let right = 0;
  let learningRate = 0;
  for await (const batch of train.shuffled(createRandom(seed, 'order', epoch), signal)) {
    await nextTurn(signal);
    batchNumber += 1;
    const random = createRandom(seed, 'batch', epoch, batchNumber);
    const pass = runTrainingPass(toTrainingBatch(batch, classWeights, labelSmoothing, random), state.weights, random);
    if (!Number.isFinite(pass.loss)) {
      throw new Failure('training-failed', `The loss is ${pass.loss} in epoch ${epoch}. A lower learning rate than ${peak} usually helps.`);
    }
    learningRate = toLearningRate(state.step, epochs * train.count, peak);
    // Decay follows the schedule, so that at the end the weights settle.
    takeStep(state, pass.gradient, pass.statistics, { learningRate, weightDecay: (weightDecay * learningRate) / peak });
    images += batch.labels.length;
    lossSum += pass.loss * batch.labels.length;
    right += batch.labels.reduce((count, label, index) => count + (pass.answers[index] === label ? 1 : 0), 0);
    onEvent({ type: 'batch', epoch, epochs, batch: batchNumber, batches: train.count, loss: pass.loss });
  }
  const trainedAt = performance.now();
  const scores = await validate(state.average, validation, classWeights, signal);
  return {
    epoch,
    epochs,
    loss: lossSum / images,
    accuracy: right / images,
    validationLoss: scores.loss,
    validationAccuracy: scores.accuracy,
    learningRate,
    seconds: (performance.now() - startedAt) / 1000,
    imagesPerSecond: (images * 1000) / (trainedAt - startedAt),
  };
}

function toTrainingBatch({ pixels, labels }: Batch, classWeights: Float32Array, labelSmoothing: number, random: Random): TrainingBatch {
  const size = labels.length;
  const augmented = new Float32Array(size * IMAGE_PIXELS);
  const targets = new Float32Array(size * OUTPUTS);
  for (const [index, label] of labels.entries()) {
    const [start, end] = [index * IMAGE_PIXELS, (index + 1) * IMAGE_PIXELS];
    augment(pixels.subarray(start, end), augmented.subarray(start, end), random);
    const weight = classWeights[label]!;
    targets.fill((weight * labelSmoothing) / OUTPUTS, index * OUTPUTS, (index + 1) * OUTPUTS);
    targets[index * OUTPUTS + label]! += weight * (1 - labelSmoothing);
  }
  return mixUp({ pixels: augmented, targets, size }, random);
}
