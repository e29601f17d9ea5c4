import { createHash } from 'node:crypto';
import type { CrossValidationStore } from '../../adapters/blob-storage/cross-validation-store.ts';
import type { DatasetStore } from '../../adapters/blob-storage/dataset-store.ts';
import { predict } from '../../adapters/tensorflow/predict.ts';
import type { SampleSource } from '../../adapters/tensorflow/samples.ts';
import { trainNetwork } from '../../adapters/tensorflow/train.ts';
import type { NetworkWeights } from '../../adapters/tensorflow/weights.ts';
import type { SampleReference } from '../../domain/dataset.ts';
import { countByLabel } from '../../domain/dataset.ts';
import type { PerEmotion } from '../../domain/emotion.ts';
import { EMOTIONS, toPerEmotion } from '../../domain/emotion.ts';
import { IMAGE_PIXELS } from '../../domain/image-transform.ts';
import type { LabelledAnswer } from '../../domain/mistakes.ts';
import { isValidation, toFold } from '../../domain/split.ts';
import { toCanonicalJson } from '../../domain/step-memory.ts';
import type { EpochMetrics, Hyperparameters } from '../../domain/training.ts';

export interface CrossValidationRequest {
  /** Each distinct image once. */
  readonly references: readonly SampleReference[];
  readonly folds: number;
  readonly hyperparameters: Hyperparameters;
  readonly datasets: Pick<DatasetStore, 'readSamples'>;
  readonly answers: CrossValidationStore;
  /** False: every part is trained, also what was asked for before. */
  readonly useCache: boolean;
  /** A part counts from 1. Epochs are null where its answers were there already. */
  readonly onProgress: (fold: number, metrics: EpochMetrics | null) => void;
  readonly signal: AbortSignal;
}

/**
 * Has every image answered by a network that never saw it: the images are cut into parts by their content, and for each part a
 * network is trained on the others, as a run trains it. The answers of a part are filed as soon as they are there.
 *
 * @throws Failure `too-few-samples` when a part leaves nothing to train on, and whatever reading and training fail with; the
 *   signal's reason when it is aborted
 */
export async function crossValidate({ references, folds, onProgress, useCache, answers, ...rest }: CrossValidationRequest): Promise<LabelledAnswer[]> {
  const all: LabelledAnswer[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const held = references.filter(({ digest }) => toFold(digest, folds) === fold);
    if (held.length === 0) continue;
    const others = references.filter(({ digest }) => toFold(digest, folds) !== fold);
    const key = toFoldDigest(held, others, rest.hyperparameters);
    const former = useCache ? await answers.findFold(key) : null;
    if (former !== null) onProgress(fold + 1, null);
    const made = former ?? (await answerHeld({ ...rest, held, others, onEpoch: (metrics) => { onProgress(fold + 1, metrics); } }));
    if (former === null) await answers.saveFold(key, made);
    all.push(...made);
  }
  return all;
}

interface FoldRequest extends Pick<CrossValidationRequest, 'hyperparameters' | 'datasets' | 'signal'> {
  readonly held: readonly SampleReference[];
  readonly others: readonly SampleReference[];
  readonly onEpoch: (metrics: EpochMetrics) => void;
}

async function answerHeld({ held, others, hyperparameters, datasets, onEpoch, signal }: FoldRequest): Promise<LabelledAnswer[]> {
  const isHeldOut = ({ digest }: SampleReference) => isValidation(digest, hyperparameters.validationRatio);
  const toSource = (chosen: readonly SampleReference[]): SampleSource => ({ counts: countByLabel(chosen), read: (reading) => datasets.readSamples(chosen, reading) });
  const { weights } = await trainNetwork({
    hyperparameters,
    train: toSource(others.filter((reference) => !isHeldOut(reference))),
    validation: toSource(others.filter(isHeldOut)),
    // A part takes minutes: what is kept are its answers.
    checkpoints: null,
    onEvent: (event) => {
      if (event.type === 'epoch') onEpoch(event.metrics);
    },
    signal,
  });
  const answers: LabelledAnswer[] = [];
  for await (const { label, digest, pixels } of datasets.readSamples(held, signal)) answers.push({ label, digest, probabilities: toProbabilities(weights, pixels) });
  return answers;
}

function toProbabilities(weights: NetworkWeights, pixels: Uint8Array): PerEmotion {
  if (pixels.length !== IMAGE_PIXELS) throw new RangeError(`an image has ${IMAGE_PIXELS} pixels, not ${pixels.length}`);
  const outputs = predict(weights, pixels);
  return toPerEmotion((emotion) => outputs[EMOTIONS.indexOf(emotion)]!);
}

/** Of all that a part's answers follow from, but for the code of the training. */
function toFoldDigest(held: readonly SampleReference[], others: readonly SampleReference[], hyperparameters: Hyperparameters): string {
  const toRows = (references: readonly SampleReference[]) => references.map(({ label, digest, shard }) => `${digest} ${label} ${shard}`).sort();
  return createHash('sha256').update(toCanonicalJson({ held: toRows(held), others: toRows(others), hyperparameters })).digest('hex');
}
