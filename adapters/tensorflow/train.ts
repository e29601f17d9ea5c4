import { createHash } from 'node:crypto';
import { Failure } from '../../domain/failure.ts';
import type { EpochMetrics, Hyperparameters, TrainingEvent } from '../../domain/training.ts';
import { AUGMENTATION } from './augmentation.ts';
import type { BatchPreparation } from './batch-preparation.ts';
import { startBatchPreparation } from './batch-preparation.ts';
import type { Batches } from './batches.ts';
import { createBatches } from './batches.ts';
import type { Checkpoint, CheckpointStore } from './checkpoint.ts';
import { restoreCheckpoint, serialiseCheckpoint } from './checkpoint.ts';
import { toClassWeights } from './class-balance.ts';
import type { ValidationLoss } from './early-stopping.ts';
import { hasRunOut, INITIAL_STOPPING_STATE, observeEpoch } from './early-stopping.ts';
import { HIDDEN_LAYERS } from './network.ts';
import { nextTurn } from './next-turn.ts';
import { createTrainingState, takeStep } from './optimiser.ts';
import type { TrainingState } from './optimiser.ts';
import { createRandom } from '../../domain/random.ts';
import { tf } from './runtime.ts';
import type { SampleSource } from './samples.ts';
import { toLearningRate, toMixedEpochs } from './schedule.ts';
import type { TrainingPass } from './training-pass.ts';
import { openTrainingPass } from './training-pass.ts';
import { validate } from './validate.ts';
import type { NetworkWeights } from './weights.ts';
import { copyWeights, createWeights } from './weights.ts';

export interface TrainingRequest {
  readonly hyperparameters: Hyperparameters;
  readonly train: SampleSource;
  /** Images that only choose the best epoch; none of them may be in `train`. */
  readonly validation: SampleSource;
  /** Null for a training that begins anew when it was interrupted. */
  readonly checkpoints: CheckpointStore | null;
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

/**
 * Trains a network, from the last checkpoint if there is one. The same seed, hyperparameters, data and processor give the
 * same network, resumed or not.
 *
 * @throws Failure `training-failed` when the loss is not a number any more, `too-few-samples`, `data-corrupt`
 * @throws the signal's reason, within a batch's time, when it is aborted
 */
export async function trainNetwork(request: TrainingRequest): Promise<TrainedNetwork> {
  const { hyperparameters, checkpoints, signal, onEvent = () => {} } = request;
  const { seed, epochs, batchSize, patience, labelSmoothing } = hyperparameters;
  const train = createBatches(request.train, { batchSize });
  const validation = createBatches(request.validation, { batchSize });
  if (train.count === 0 || validation.count === 0) {
    throw new Failure('too-few-samples', `There are ${train.samples} images to train on and ${validation.samples} to validate with; each needs at least one.`);
  }
  const fingerprint = toFingerprint(request);
  const resumed = checkpoints && (await resume(checkpoints, fingerprint, onEvent));
  const { state, ...start } = resumed ?? begin(seed);
  let { best, stopping, history } = start;
  const resumedFromEpoch = history.length;
  onEvent({ type: 'started', samples: train.samples, validationSamples: validation.samples, resumedFromEpoch });

  const classWeights = toClassWeights(request.train.counts);
  let savedAt = performance.now();
  let savedEpoch = resumedFromEpoch;
  const pass = openTrainingPass(Math.min(batchSize, train.samples));
  const preparation = startBatchPreparation({ seed, classWeights, labelSmoothing, mixedEpochs: toMixedEpochs(epochs) });
  const tensors = tf.memory().numTensors;
  try {
    for (let epoch = history.length + 1; epoch <= epochs && !hasRunOut(stopping, epoch - 1, patience); epoch += 1) {
      const { metrics, validationLoss } = await runEpoch({ epoch, state, pass, preparation, train, validation, classWeights, hyperparameters, signal, onEvent });
      refuseLeak(tensors, epoch);
      history = [...history, metrics];
      stopping = observeEpoch(stopping, epoch, validationLoss);
      if (stopping.bestEpoch === epoch) best = copyWeights(state.average);
      onEvent({ type: 'epoch', metrics });
      if (checkpoints !== null && performance.now() - savedAt >= checkpoints.intervalMs) await save(checkpoints, { history, stopping, state, best });
    }
  } finally {
    await preparation.close();
    pass.close();
  }
  // So that a retry after a failure in what follows training need not train again.
  if (checkpoints !== null && savedEpoch < history.length) await save(checkpoints, { history, stopping, state, best });
  return { weights: best, history, bestEpoch: stopping.bestEpoch, stoppedEarly: history.length < epochs, resumedFromEpoch };

  async function save(store: CheckpointStore, checkpoint: Checkpoint): Promise<void> {
    const bytes = serialiseCheckpoint(checkpoint, fingerprint);
    await store.save(bytes);
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
  readonly pass: TrainingPass;
  readonly preparation: BatchPreparation;
  readonly train: Batches;
  readonly validation: Batches;
  readonly classWeights: Float32Array;
  readonly onEvent: (event: TrainingEvent) => void;
}

async function runEpoch({ epoch, state, pass, preparation, train, validation, classWeights, hyperparameters, signal, onEvent }: EpochRequest): Promise<{ metrics: EpochMetrics; validationLoss: ValidationLoss }> {
  const { seed, epochs, learningRate: peak, weightDecay } = hyperparameters;
  const startedAt = performance.now();
  let batchNumber = 0;
  let lossSum = 0;
  let images = 0;
  let right = 0;
  let learningRate = 0;
  let waitedMs = 0;
  let askedAt = startedAt;
  for await (const batch of preparation.prepare(train.shuffled(createRandom(seed, 'order', epoch), signal), epoch)) {
    waitedMs += performance.now() - askedAt;
    batchNumber += 1;
    const result = pass.run(batch, state.weights);
    refuseDiverged(result.loss, epoch, peak);
    learningRate = toLearningRate(state.step, epochs * train.count, peak);
    // Decay follows the schedule, so that at the end the weights settle.
    takeStep(state, result.gradient, result.statistics, { learningRate, weightDecay: (weightDecay * learningRate) / peak });
    images += batch.labels.length;
    lossSum += result.loss * batch.labels.length;
    right += batch.labels.reduce((count, label, index) => count + (result.answers[index] === label ? 1 : 0), 0);
    onEvent({ type: 'batch', epoch, epochs, batch: batchNumber, batches: train.count, loss: result.loss });
    await nextTurn(signal);
    askedAt = performance.now();
  }
  const trainedAt = performance.now();
  const scores = await validate(state.average, validation, classWeights, signal);
  // Some kernels make a zero of what is not a number, so that the loss alone does not always tell.
  refuseDiverged(scores.loss.mean, epoch, peak);
  const metrics = {
    epoch,
    epochs,
    loss: lossSum / images,
    accuracy: right / images,
    validationLoss: scores.loss.mean,
    validationAccuracy: scores.accuracy,
    learningRate,
    seconds: (performance.now() - startedAt) / 1000,
    imagesPerSecond: (images * 1000) / (trainedAt - startedAt),
    dataWait: waitedMs / (trainedAt - startedAt),
    tensors: tf.memory().numTensors,
  };
  return { metrics, validationLoss: scores.loss };
}

function refuseDiverged(loss: number, epoch: number, peak: number): void {
  if (Number.isFinite(loss)) return;
  throw new Failure('training-failed', `The loss is ${loss} in epoch ${epoch}. A lower learning rate than ${peak} usually helps.`);
}

/** Tensors are TensorFlow's memory, which no garbage collector frees. */
function refuseLeak(before: number, epoch: number): void {
  const left = tf.memory().numTensors - before;
  if (left > 0) throw new Error(`training left ${left} tensors behind by the end of epoch ${epoch}`);
}
