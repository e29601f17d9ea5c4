import assert from 'node:assert/strict';
import { adoptTraining } from '../../../adapters/blob-storage/adopt-training.ts';
import type { BlobStore } from '../../../adapters/blob-storage/blob-store.ts';
import { createRunStore } from '../../../adapters/blob-storage/run-store.ts';
import { Failure, isFailure } from '../../../domain/failure.ts';
import { MODEL_FILES, runKeys } from '../../../domain/names.ts';
import { useAzurite } from '../../support/azurite.ts';
import { saveTraining } from '../../support/stored-training.ts';

const FROM = '20261124T015500Z-1a2b3c4';
const TO = '20261125T015500Z-fedcba9';
const THIRD = '20261126T015500Z-fedcba9';

describe('adopting a training', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;

  beforeEach(async () => {
    blobs = await azurite.newStore();
    await saveTraining(blobs, FROM);
  });

  async function listFiles(runName: string): Promise<string[]> {
    return (await Array.fromAsync(blobs.list('runs', `${runName}/`))).map(({ name }) => name.slice(runName.length + 1));
  }

  async function read(key: string): Promise<string> {
    return Buffer.from((await blobs.read('runs', key)).bytes).toString();
  }

  it('copies the network and all that was written about its training, but not what says that it was begun here', async () => {
    const result = await adoptTraining(blobs, FROM, TO);
    assert.equal(result.spec.runName, FROM);
    assert.deepEqual(await listFiles(TO), [
      'candidate/curves.svg', 'candidate/model.json', 'candidate/model.onnx', 'candidate/weights.bin',
      'training/curves.svg', 'training/metrics.jsonl', 'training/result.json', 'training/train.log',
    ]);
    for (const file of await listFiles(TO)) assert.equal(await read(`${TO}/${file}`), await read(`${FROM}/${file}`), file);
    assert.deepEqual(await createRunStore(blobs).findResult(TO), result);
  });

  it('does not take over what the other run found out about the network', async () => {
    await blobs.write('runs', runKeys.candidate(FROM, MODEL_FILES.card), '{}');
    await adoptTraining(blobs, FROM, TO);
    assert.ok(!(await listFiles(TO)).includes('candidate/card.json'));
  });

  it('names the run that trained, also when it is handed on', async () => {
    await adoptTraining(blobs, FROM, TO);
    assert.equal((await adoptTraining(blobs, TO, THIRD)).spec.runName, FROM);
  });

  it('copies nothing when a file is missing, or is not what was trained', async () => {
    for (const name of [MODEL_FILES.onnx, MODEL_FILES.weights, MODEL_FILES.curves]) {
      const { bytes } = await blobs.read('runs', runKeys.candidate(FROM, name));
      await blobs.write('runs', runKeys.candidate(FROM, name), 'something else');
      await assert.rejects(adoptTraining(blobs, FROM, TO), (error) => isFailure(error, 'data-corrupt') && error.message.includes(name));
      await blobs.remove('runs', runKeys.candidate(FROM, name));
      await assert.rejects(adoptTraining(blobs, FROM, TO), (error) => isFailure(error, 'not-found'));
      await blobs.write('runs', runKeys.candidate(FROM, name), bytes);
    }
    assert.deepEqual(await listFiles(TO), []);
  });

  it('is no result when it was cut short, and whole when it is done again', async () => {
    let writes = 0;
    const dying: BlobStore = {
      ...blobs,
      write: (container, name, content, options) => {
        writes += 1;
        return writes > 3 ? Promise.reject(new Failure('dependency-unavailable', 'away')) : blobs.write(container, name, content, options);
      },
    };
    await assert.rejects(adoptTraining(dying, FROM, TO), (error) => isFailure(error, 'dependency-unavailable'));
    assert.equal((await listFiles(TO)).length, 3);
    assert.equal(await createRunStore(blobs).findResult(TO), null);
    await adoptTraining(blobs, FROM, TO);
    assert.equal((await listFiles(TO)).length, 8);
  });

  it('does without metrics and log where they were cleared away', async () => {
    await blobs.remove('runs', runKeys.metrics(FROM));
    await adoptTraining(blobs, FROM, TO);
    assert.ok(!(await listFiles(TO)).includes('training/metrics.jsonl'));
  });
});
