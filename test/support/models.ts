import { EMOTIONS, toPerEmotion } from '../../domain/emotion.ts';
import { evaluate } from '../../domain/evaluation.ts';
import { IMAGE_TRANSFORM } from '../../domain/image-transform.ts';
import type { ModelCard } from '../../domain/model.ts';
import { MODEL_FILES, MODEL_NAME } from '../../domain/names.ts';
import { hyperparametersSchema } from '../../domain/training.ts';
import type { Registration } from '../../adapters/blob-storage/model-registry.ts';

export const GIT_SHA = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d';

/** A card as the evaluation of a small, middling model writes it: 3 of 4 images of each label right. */
export function toModelCard(overrides: Partial<ModelCard> = {}): ModelCard {
  const runName = overrides.runName ?? '20261124T015500Z-1a2b3c4';
  const splitVersion = `${runName}.test-0.2`;
  const answers = EMOTIONS.flatMap((truth, index) => {
    const wrong = EMOTIONS[(index + 1) % EMOTIONS.length]!;
    return [truth, truth, truth, wrong].map((answer) => ({ truth, answer }));
  });
  return {
    name: MODEL_NAME,
    runName,
    gitSha: GIT_SHA,
    createdAt: '2026-11-24T01:58:00.000Z',
    labels: [...EMOTIONS],
    transform: IMAGE_TRANSFORM,
    data: {
      datasetVersion: runName,
      splitVersion,
      testRatio: 0.2,
      counts: { train: toPerEmotion(() => 14), validation: toPerEmotion(() => 2), test: toPerEmotion(() => 4) },
    },
    training: {
      spec: { runName, gitSha: GIT_SHA, splitVersion, hyperparameters: hyperparametersSchema.parse({}) },
      epochs: 12,
      bestEpoch: 9,
      bestValidationAccuracy: 0.75,
      stoppedEarly: false,
      resumedFromEpoch: 0,
      parameters: 2308,
      seconds: 60,
      imagesPerSecond: 400,
      parity: { images: 16, largestDifference: 3e-8 },
      calibration: null,
      certainty: null,
      libraries: { '@tensorflow/tfjs-node': '4.22.0' },
    },
    measuredBy: null,
    evaluation: evaluate(answers),
    confidence: null,
    robustness: null,
    champion: null,
    gate: { passed: true, reason: '75.0 % of the test images right; there is no earlier model to compare with.' },
    golden: [],
    ...overrides,
  };
}

export interface RegistrationOptions {
  readonly runName?: string;
  /** Besides the card; small stand-ins when not given. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  readonly card?: Partial<ModelCard>;
  readonly signal?: AbortSignal;
}

const STAND_INS = {
  [MODEL_FILES.onnx]: 'onnx',
  [MODEL_FILES.topology]: '{}',
  [MODEL_FILES.weights]: 'weights',
  [MODEL_FILES.curves]: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"/>',
  [MODEL_FILES.confusion]: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"/>',
  [MODEL_FILES.reliability]: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 30"/>',
};

/** What a run hands in to the registry. */
export function toRegistration({ runName, files = {}, card: changes = {}, signal }: RegistrationOptions = {}): Registration {
  const card = toModelCard({ ...(runName && { runName }), ...changes });
  const contents = { ...STAND_INS, [MODEL_FILES.card]: JSON.stringify(card), ...files };
  return {
    manifest: {
      runName: card.runName,
      gitSha: card.gitSha,
      labels: card.labels,
      transform: card.transform,
      accuracy: card.evaluation.accuracy,
      accuracyInterval: card.evaluation.accuracyInterval,
      uncertainBelow: card.training.certainty?.uncertainBelow ?? 0,
      datasetVersion: card.data.datasetVersion,
    },
    files: new Map(Object.entries(contents).map(([name, content]) => [name, Buffer.from(content)])),
    ...(signal && { signal }),
  };
}
