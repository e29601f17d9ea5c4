import type { z } from 'zod';
import type { ContainerImage } from '../../domain/container-image.ts';
import { Failure } from '../../domain/failure.ts';
import type { ModelCard } from '../../domain/model.ts';
import { modelCardSchema } from '../../domain/model.ts';
import type { FiledRun } from '../../domain/filed-run.ts';
import { filedRunSchema } from '../../domain/filed-run.ts';
import { CONTAINERS, MODEL_FILES, runKeys } from '../../domain/names.ts';
import type { BeforeRollout } from '../../domain/rollout.ts';
import { beforeRolloutSchema } from '../../domain/rollout.ts';
import type { DiaryEntry, EpochMetrics, StoredFile, TrainingResult, TrainingSpec } from '../../domain/training.ts';
import { diaryEntrySchema, epochMetricsSchema, trainingResultSchema, trainingSpecSchema } from '../../domain/training.ts';
import { stepInputsSchema } from '../../domain/step-memory.ts';
import type { StepInputs } from '../../domain/step-memory.ts';
import { adoptTraining } from './adopt-training.ts';
import type { BlobStore } from './blob-store.ts';
import { findStored } from './find-stored.ts';
import { keepFirst } from './keep-first.ts';
import { toSha256 } from './sha256.ts';
import { parseStored, toJson } from './stored-json.ts';

/** What a card shows, as SVG. */
export interface CardPictures {
  readonly confusion: string;
  readonly reliability: string;
}

/** What runs write about themselves, in the `runs` container, and their candidate models. */
export interface RunStore {
  saveSpec(spec: TrainingSpec): Promise<void>;
  /** @throws Failure `not-found`, `data-corrupt` */
  readSpec(runName: string): Promise<TrainingSpec>;
  saveCheckpoint(runName: string, bytes: Uint8Array): Promise<void>;
  findCheckpoint(runName: string): Promise<Uint8Array | null>;
  /** Replaces metrics.jsonl by one line for each epoch. */
  saveMetrics(runName: string, epochs: readonly EpochMetrics[]): Promise<void>;
  findMetrics(runName: string): Promise<EpochMetrics[]>;
  saveLog(runName: string, text: string): Promise<void>;
  /** Empty when there is none. */
  findLog(runName: string): Promise<string>;
  /** Replaces events.jsonl by one line for each event. */
  saveEvents(runName: string, entries: readonly DiaryEntry[]): Promise<void>;
  findEvents(runName: string): Promise<DiaryEntry[]>;
  saveCurves(runName: string, svg: string): Promise<void>;
  saveBuildLog(runName: string, image: ContainerImage, text: string): Promise<void>;
  saveTensorBoard(runName: string, fileName: string, bytes: Uint8Array): Promise<void>;
  saveCandidateFile(runName: string, fileName: string, bytes: Uint8Array | string): Promise<StoredFile>;
  readCandidateFile(runName: string, fileName: string): Promise<Uint8Array>;
  saveResult(result: TrainingResult): Promise<void>;
  findResult(runName: string): Promise<TrainingResult | null>;
  /** Files what a training begins with, unless an earlier attempt did. Returns what stands. */
  keepTrainingInputs(runName: string, inputs: StepInputs): Promise<StepInputs>;
  /** Null when no attempt has begun to train. */
  findTrainingInputs(runName: string): Promise<StepInputs | null>;
  /**
   * Copies what the training of a run left behind into another run's folder, the result last. Done again, it ends the same.
   *
   * @throws Failure `not-found` when anything is missing, `data-corrupt` when it is not what the result says
   */
  adoptTraining(from: string, to: string): Promise<TrainingResult>;
  saveCard(card: ModelCard, pictures: CardPictures): Promise<void>;
  findCard(runName: string): Promise<ModelCard | null>;
  saveBeforeRollout(runName: string, before: BeforeRollout): Promise<void>;
  /** Null when the run has not come so far. */
  findBeforeRollout(runName: string): Promise<BeforeRollout | null>;
  saveFiledRun(run: FiledRun): Promise<void>;
  /** Null while the run is under way, and of runs that never filed any. */
  findFiledRun(runName: string): Promise<FiledRun | null>;
}

export function createRunStore(blobs: BlobStore): RunStore {
  const container = CONTAINERS.runs;

  const findJson = <T extends z.ZodType>(schema: T, key: string) => findStored(blobs, container, key, schema);

  async function writeJson(key: string, value: unknown): Promise<void> {
    await blobs.write(container, key, toJson(value));
  }

  async function writeLines(key: string, values: readonly unknown[]): Promise<void> {
    await blobs.write(container, key, values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  }

  /** Empty when there are none. */
  async function findLines<T extends z.ZodType>(schema: T, key: string): Promise<z.output<T>[]> {
    const blob = await blobs.find(container, key);
    if (blob === null) return [];
    const lines = toText(blob.bytes).split('\n').filter((line) => line !== '');
    return lines.map((line) => parseStored(schema, key, Buffer.from(line)));
  }

  async function saveCandidateFile(runName: string, fileName: string, content: Uint8Array | string): Promise<StoredFile> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    await blobs.write(container, runKeys.candidate(runName, fileName), bytes);
    return { name: fileName, digest: toSha256(bytes), bytes: bytes.byteLength };
  }

  return {
    saveSpec: (spec) => writeJson(runKeys.spec(spec.runName), spec),
    async readSpec(runName) {
      const spec = await findJson(trainingSpecSchema, runKeys.spec(runName));
      if (spec === null) throw new Failure('not-found', `There is no training spec for run ${runName}.`);
      return spec;
    },
    async saveCheckpoint(runName, bytes) {
      await blobs.write(container, runKeys.checkpoint(runName), bytes);
    },
    async findCheckpoint(runName) {
      return (await blobs.find(container, runKeys.checkpoint(runName)))?.bytes ?? null;
    },
    saveMetrics: (runName, epochs) => writeLines(runKeys.metrics(runName), epochs),
    findMetrics: (runName) => findLines(epochMetricsSchema, runKeys.metrics(runName)),
    async saveLog(runName, text) {
      await blobs.write(container, runKeys.log(runName), text);
    },
    async findLog(runName) {
      const blob = await blobs.find(container, runKeys.log(runName));
      return blob === null ? '' : toText(blob.bytes);
    },
    saveEvents: (runName, entries) => writeLines(runKeys.events(runName), entries),
    findEvents: (runName) => findLines(diaryEntrySchema, runKeys.events(runName)),
    async saveBuildLog(runName, image, text) {
      await blobs.write(container, runKeys.buildLog(runName, image), text);
    },
    async saveCurves(runName, svg) {
      await blobs.write(container, runKeys.curves(runName), svg);
    },
    async saveTensorBoard(runName, fileName, bytes) {
      await blobs.write(container, runKeys.tensorboard(runName, fileName), bytes);
    },
    saveCandidateFile,
    async readCandidateFile(runName, fileName) {
      return (await blobs.read(container, runKeys.candidate(runName, fileName))).bytes;
    },
    saveResult: (result) => writeJson(runKeys.result(result.spec.runName), result),
    findResult: (runName) => findJson(trainingResultSchema, runKeys.result(runName)),
    keepTrainingInputs: (runName, inputs) => keepFirst(blobs, container, runKeys.trainingInputs(runName), stepInputsSchema, { ...inputs }),
    findTrainingInputs: (runName) => findJson(stepInputsSchema, runKeys.trainingInputs(runName)),
    adoptTraining: (from, to) => adoptTraining(blobs, from, to),
    async saveCard(card, { confusion, reliability }) {
      await saveCandidateFile(card.runName, MODEL_FILES.confusion, confusion);
      await saveCandidateFile(card.runName, MODEL_FILES.reliability, reliability);
      await writeJson(runKeys.candidate(card.runName, MODEL_FILES.card), card);
    },
    findCard: (runName) => findJson(modelCardSchema, runKeys.candidate(runName, MODEL_FILES.card)),
    saveBeforeRollout: (runName, before) => writeJson(runKeys.beforeRollout(runName), before),
    findBeforeRollout: (runName) => findJson(beforeRolloutSchema, runKeys.beforeRollout(runName)),
    saveFiledRun: (run) => writeJson(runKeys.filedRun(run.state.runName), run),
    findFiledRun: (runName) => findJson(filedRunSchema, runKeys.filedRun(runName)),
  };
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
