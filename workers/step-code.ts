import { fileURLToPath } from 'node:url';
import { readReachedCode } from './code-version.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Where the code of each step begins: the files from which everything is reached that what comes out depends on. Where it is
 * stored, how it is charted or which settings there are changes nothing in it.
 */
export const STEP_ENTRIES = {
  resize: ['activities/resize.ts', 'adapters/vision/decode.ts', 'adapters/vision/cut-subject.ts', 'adapters/onnx/face-detector.ts', 'adapters/onnx/inference-thread.ts', 'adapters/vision/grey-png.ts', 'adapters/blob-storage/shard.ts'],
  split: ['activities/split.ts'],
  train: ['workers/train-run.ts', 'adapters/tensorflow/batch-thread.ts', 'adapters/blob-storage/sample-store.ts', 'adapters/vision/grey-png.ts'],
  evaluate: ['activities/evaluate.ts', 'adapters/onnx/classifier.ts', 'adapters/vision/disturb.ts', 'domain/random.ts', 'adapters/blob-storage/sample-store.ts', 'adapters/vision/grey-png.ts', 'workers/golden-images.ts'],
} as const;

export type StepCode = Readonly<Record<keyof typeof STEP_ENTRIES, () => Promise<string>>>;

/** The version of each step's code: of what runs in this process as it is now, when it starts. */
export function createStepCode(): StepCode {
  const read = async (step: keyof typeof STEP_ENTRIES) => (await readReachedCode(ROOT, STEP_ENTRIES[step])).version;
  const once = (step: keyof typeof STEP_ENTRIES) => {
    const version = read(step);
    // Whoever asks hears of a failure; nobody may ask.
    version.catch(() => undefined);
    return () => version;
  };
  return {
    resize: once('resize'),
    split: once('split'),
    evaluate: once('evaluate'),
    // A program of its own is started from the files as they are then.
    train: () => read('train'),
  };
}
