import assert from 'node:assert/strict';
import { createAdoptTrainingActivities } from '../../activities/adopt-training.ts';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { createRunStore } from '../../adapters/blob-storage/run-store.ts';
import { isFailure } from '../../domain/failure.ts';
import { MODEL_FILES, runKeys } from '../../domain/names.ts';
import { useAzurite } from '../support/azurite.ts';
import { runActivity } from '../support/run-activity.ts';
import { saveTraining } from '../support/stored-training.ts';

const FROM = '20261124T015500Z-1a2b3c4';
const TO = '20261125T015500Z-fedcba9';

describe('adoptTraining', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;

  beforeEach(async () => {
    blobs = await azurite.newStore();
  });

  async function adopt(from: string, to: string) {
    const { adoptTraining } = createAdoptTrainingActivities({ runs: createRunStore(blobs) });
    return (await runActivity(() => adoptTraining({ from, to }))).result;
  }

  it('makes an earlier candidate the run\'s own, and says which run trained it', async () => {
    const { bestEpoch, epochs } = await saveTraining(blobs, `${FROM}.c2`);
    const summary = await adopt(`${FROM}.c2`, TO);
    assert.deepEqual([summary.cachedFrom, summary.bestEpoch, summary.epochs], [FROM, bestEpoch, epochs]);
    assert.ok((await createRunStore(blobs).readCandidateFile(TO, MODEL_FILES.onnx)).byteLength > 0);
  });

  it('names the run that trained, not the one that handed it on', async () => {
    await saveTraining(blobs, FROM);
    await adopt(FROM, TO);
    assert.equal((await adopt(TO, '20261126T015500Z-fedcba9')).cachedFrom, FROM);
  });

  it('is done once: tried again it says the same, even if the other run is gone by then', async () => {
    await saveTraining(blobs, FROM);
    const first = await adopt(FROM, TO);
    for await (const { name } of blobs.list('runs', `${FROM}/`)) await blobs.remove('runs', name);
    assert.deepEqual(await adopt(FROM, TO), first);
  });

  it('says what to do when there is no finished training, or not all of it', async () => {
    await assert.rejects(adopt(FROM, TO), (error) => isFailure(error, 'not-found') && /Run 20261124T015500Z-1a2b3c4 has no finished training .*Train again\./.test(error.message));
    await saveTraining(blobs, FROM);
    await blobs.write('runs', runKeys.candidate(FROM, MODEL_FILES.onnx), 'changed');
    await assert.rejects(adopt(FROM, TO), (error) => isFailure(error, 'data-corrupt') && error.message.includes(MODEL_FILES.onnx));
    assert.equal(await createRunStore(blobs).findResult(TO), null);
  });
});
