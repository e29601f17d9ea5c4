import { Failure } from '../../domain/failure.ts';
import { CONTAINERS, MODEL_FILES, runKeys } from '../../domain/names.ts';
import type { TrainingResult } from '../../domain/training.ts';
import { trainingResultSchema } from '../../domain/training.ts';
import type { BlobStore } from './blob-store.ts';
import { toSha256 } from './sha256.ts';
import { parseStored } from './stored-json.ts';

/** What people look at; without it a network is no worse. */
const RECORDS = [runKeys.metrics, runKeys.log];

const container = CONTAINERS.runs;

/**
 * Copies what the training of a run left behind into another run's folder, so that this is complete whatever becomes of the
 * other. The result goes last: a copy that was cut short is none. It names the run that trained.
 *
 * @throws Failure `not-found` when anything is missing, `data-corrupt` when it is not what the result says; nothing is copied then
 */
export async function adoptTraining(blobs: BlobStore, from: string, to: string): Promise<TrainingResult> {
  const stored = await blobs.read(container, runKeys.result(from));
  const result = parseStored(trainingResultSchema, runKeys.result(from), stored.bytes);
  const files = await Promise.all(result.files.map(async ({ name, digest }) => ({ name, bytes: await readWhole(name, digest) })));
  const records = await Promise.all(RECORDS.map(async (toKey) => ({ toKey, found: await blobs.find(container, toKey(from)) })));

  for (const { name, bytes } of files) await blobs.write(container, runKeys.candidate(to, name), bytes);
  const curves = files.find(({ name }) => name === MODEL_FILES.curves);
  if (curves !== undefined) await blobs.write(container, runKeys.curves(to), curves.bytes);
  for (const { toKey, found } of records) if (found !== null) await blobs.write(container, toKey(to), found.bytes);
  await blobs.write(container, runKeys.result(to), stored.bytes);
  return result;

  async function readWhole(name: string, digest: string): Promise<Uint8Array> {
    const key = runKeys.candidate(from, name);
    const { bytes } = await blobs.read(container, key);
    if (toSha256(bytes) === digest) return bytes;
    throw new Failure('data-corrupt', `${container}/${key} is not what the training wrote. Train again.`);
  }
}
