import { isFailure } from '../../domain/failure.ts';
import { cacheKeys, CONTAINERS } from '../../domain/names.ts';
import type { Recollection, RememberedStep } from '../../domain/step-memory.ts';
import { recollectionSchema } from '../../domain/step-memory.ts';
import type { BlobStore } from './blob-store.ts';
import { findStored } from './find-stored.ts';
import { toJson } from './stored-json.ts';

/** What steps made of which inputs, in the `runs` container. It may be deleted at any time. */
export interface StepMemory {
  /** Null when nothing is remembered of these inputs, or nothing that can be read. */
  recall(step: RememberedStep, inputsDigest: string): Promise<Recollection | null>;
  /** In place of what was remembered before. */
  remember(step: RememberedStep, inputsDigest: string, recollection: Recollection): Promise<void>;
}

const container = CONTAINERS.runs;

export function createStepMemory(blobs: BlobStore): StepMemory {
  return {
    async recall(step, inputsDigest) {
      try {
        return await findStored(blobs, container, cacheKeys.step(step, inputsDigest), recollectionSchema);
      } catch (error) {
        if (isFailure(error, 'data-corrupt')) return null;
        throw error;
      }
    },
    async remember(step, inputsDigest, recollection) {
      await blobs.write(container, cacheKeys.step(step, inputsDigest), toJson(recollection));
    },
  };
}
