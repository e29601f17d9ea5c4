import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { createRunStore } from '../../adapters/blob-storage/run-store.ts';
import { toPerEmotion } from '../../domain/emotion.ts';
import { MODEL_FILES } from '../../domain/names.ts';
import type { TrainingResult, TrainingSpec } from '../../domain/training.ts';
import { toModelCard } from './models.ts';
import { toEpochMetrics } from './trainings.ts';

/** Leaves behind what a training leaves, with a network of a few letters that differ for every run and seed. */
export async function saveTraining(blobs: BlobStore, runName: string, changes: Partial<TrainingSpec> = {}): Promise<TrainingResult> {
  const runs = createRunStore(blobs);
  const { training } = toModelCard({ runName });
  const spec = { ...training.spec, ...changes, runName };
  const network = `trained by ${runName} from seed ${spec.hyperparameters.seed}`;
  const curves = `<svg xmlns="http://www.w3.org/2000/svg"><desc>${network}</desc></svg>`;
  const contents = { [MODEL_FILES.onnx]: `onnx ${network}`, [MODEL_FILES.topology]: '{}', [MODEL_FILES.weights]: `weights ${network}`, [MODEL_FILES.curves]: curves };
  const files = [];
  for (const [name, content] of Object.entries(contents)) files.push(await runs.saveCandidateFile(runName, name, content));
  await runs.saveSpec(spec);
  await runs.saveCheckpoint(runName, Buffer.from('a checkpoint'));
  await runs.saveMetrics(runName, [toEpochMetrics(1), toEpochMetrics(2)]);
  await runs.saveLog(runName, 'epoch 1/2\nepoch 2/2\n');
  await runs.saveCurves(runName, curves);
  const samples = { train: toPerEmotion(() => 14), validation: toPerEmotion(() => 2) };
  const result = { ...training, spec, samples, files };
  await runs.saveResult(result);
  return result;
}
