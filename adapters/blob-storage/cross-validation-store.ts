import { z } from 'zod';
import { emotionSchema, perEmotion } from '../../domain/emotion.ts';
import type { LabelledAnswer } from '../../domain/mistakes.ts';
import { cacheKeys, CONTAINERS } from '../../domain/names.ts';
import type { BlobStore } from './blob-store.ts';
import { findStored } from './find-stored.ts';

const answersSchema = z.array(z.object({ label: emotionSchema, digest: z.string(), probabilities: perEmotion(z.number()) }));

/** What the parts of cross-validations answered, so that one which was stopped goes on, and one that is asked for again is there. */
export interface CrossValidationStore {
  /** By the digest of all that a part's answers follow from. */
  findFold(digest: string): Promise<LabelledAnswer[] | null>;
  saveFold(digest: string, answers: readonly LabelledAnswer[]): Promise<void>;
}

export function createCrossValidationStore(blobs: BlobStore): CrossValidationStore {
  return {
    findFold: (digest) => findStored(blobs, CONTAINERS.runs, cacheKeys.fold(digest), answersSchema),
    async saveFold(digest, answers) {
      await blobs.write(CONTAINERS.runs, cacheKeys.fold(digest), JSON.stringify(answers));
    },
  };
}
