import { z } from 'zod';
import type { BatchOutcome, RawImage, Refusal } from '../../domain/dataset.ts';
import { batchOutcomeSchema, rawImageSchema } from '../../domain/dataset.ts';
import { imageLimitsSchema } from '../../domain/image-transform.ts';
import { CONTAINERS, runKeys } from '../../domain/names.ts';
import type { BlobStore } from './blob-store.ts';
import { findStored } from './find-stored.ts';
import { keepFirst } from './keep-first.ts';
import { parseStored, toJson } from './stored-json.ts';

const resizePlanSchema = z.object({
  previousDataset: z.string().nullable(),
  /** Shards of it that were gone. */
  missingShards: z.array(z.string()).default([]),
  limits: imageLimitsSchema,
  shardSize: z.int().positive(),
  /** Whether each photo's one face is taken instead of the whole of it. */
  cropFaces: z.boolean().default(false),
  /** The version of the code that began. */
  code: z.string().nullable().default(null),
});

/** What a run's resizing is measured against; everything else about it follows from this and the inventory. */
export type ResizePlan = z.infer<typeof resizePlanSchema>;

/** The notes of a run's resize step, in the `runs` container. */
export interface ResizeStore {
  /** Files the plan of a run, unless it has one. Returns the one that stands. */
  keepPlan(runName: string, plan: ResizePlan): Promise<ResizePlan>;
  findPlan(runName: string): Promise<ResizePlan | null>;
  /** @throws Failure `not-found`, `data-corrupt` */
  readPlan(runName: string): Promise<ResizePlan>;
  saveBatch(runName: string, batch: number, images: readonly RawImage[]): Promise<void>;
  /** @throws Failure `not-found`, `data-corrupt` */
  readBatch(runName: string, batch: number): Promise<RawImage[]>;
  /** Files what became of a batch, unless an earlier attempt did. Returns the outcome that stands. */
  keepOutcome(runName: string, batch: number, outcome: BatchOutcome): Promise<BatchOutcome>;
  findOutcome(runName: string, batch: number): Promise<BatchOutcome | null>;
  /** Files the whole list of refused images for people to read. Returns where it lies. */
  saveRefused(runName: string, refused: readonly Refusal[]): Promise<string>;
}

const container = CONTAINERS.runs;

export function createResizeStore(blobs: BlobStore): ResizeStore {
  return {
    keepPlan: (runName, plan) => keepFirst(blobs, container, runKeys.resizePlan(runName), resizePlanSchema, plan),
    findPlan: (runName) => findStored(blobs, container, runKeys.resizePlan(runName), resizePlanSchema),
    async readPlan(runName) {
      const key = runKeys.resizePlan(runName);
      return parseStored(resizePlanSchema, key, (await blobs.read(container, key)).bytes);
    },
    async saveBatch(runName, batch, images) {
      await blobs.write(container, runKeys.resizeBatch(runName, batch), JSON.stringify(images));
    },
    async readBatch(runName, batch) {
      const key = runKeys.resizeBatch(runName, batch);
      return parseStored(z.array(rawImageSchema), key, (await blobs.read(container, key)).bytes);
    },
    keepOutcome: (runName, batch, outcome) =>
      keepFirst(blobs, container, runKeys.resizeOutcome(runName, batch), batchOutcomeSchema, outcome),
    findOutcome: (runName, batch) => findStored(blobs, container, runKeys.resizeOutcome(runName, batch), batchOutcomeSchema),
    async saveRefused(runName, refused) {
      const key = runKeys.refused(runName);
      await blobs.write(container, key, toJson(refused));
      return `${container}/${key}`;
    },
  };
}
