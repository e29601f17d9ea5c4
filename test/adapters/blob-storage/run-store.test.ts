import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { beforeEach } from 'mocha';
import type { BlobStore } from '../../../adapters/blob-storage/blob-store.ts';
import type { RunStore } from '../../../adapters/blob-storage/run-store.ts';
import { createRunStore } from '../../../adapters/blob-storage/run-store.ts';
import { toPerEmotion } from '../../../domain/emotion.ts';
import { isFailure } from '../../../domain/failure.ts';
import { CONTAINERS, MODEL_FILES, runKeys } from '../../../domain/names.ts';
import type { DiaryEntry, EpochMetrics, TrainingResult } from '../../../domain/training.ts';
import { useAzurite } from '../../support/azurite.ts';
import { toModelCard } from '../../support/models.ts';

const card = toModelCard();
const { spec } = card.training;
const RUN = card.runName;
const result: TrainingResult = { ...card.training, samples: { train: toPerEmotion(() => 14), validation: toPerEmotion(() => 2) }, files: [] };

describe('the store of runs', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;
  let runs: RunStore;

  beforeEach('open an account of its own', async () => {
    blobs = await azurite.newStore();
    runs = createRunStore(blobs);
  });

  it('keeps the spec of a run', async () => {
    await runs.saveSpec(spec);
    assert.deepEqual(await runs.readSpec(RUN), spec);
  });

  it('keeps the result of a run', async () => {
    await runs.saveResult(result);
    assert.deepEqual(await runs.findResult(RUN), result);
  });

  it('keeps the card of a candidate, and the picture beside it', async () => {
    await runs.saveCard(card, { confusion: '<svg/>', reliability: '<svg/>' });
    assert.deepEqual(await runs.findCard(RUN), card);
    assert.equal(Buffer.from(await runs.readCandidateFile(RUN, MODEL_FILES.confusion)).toString(), '<svg/>');
  });

  it('keeps checkpoints byte by byte, the newest only', async () => {
    await runs.saveCheckpoint(RUN, Uint8Array.of(1, 2, 3));
    await runs.saveCheckpoint(RUN, Uint8Array.of(0, 255));
    assert.deepEqual([...(await runs.findCheckpoint(RUN))!], [0, 255]);
  });

  it('keeps the log of an image that was built', async () => {
    await runs.saveBuildLog(RUN, 'api', 'STEP 1\nSTEP 2\n');
    const { bytes } = await blobs.read(CONTAINERS.runs, `${RUN}/images/api.log`);
    assert.equal(Buffer.from(bytes).toString(), 'STEP 1\nSTEP 2\n');
  });

  it('keeps what the program said as one JSON line an event, and the last write of it', async () => {
    assert.deepEqual(await runs.findEvents(RUN), []);
    const entries: DiaryEntry[] = [
      { at: '2026-11-24T01:55:00.000Z', event: { type: 'started', samples: 9, validationSamples: 1, resumedFromEpoch: 0 } },
      { at: '2026-11-24T01:55:01.000Z', event: { type: 'log', message: 'two\nlines' } },
    ];
    await runs.saveEvents(RUN, entries.slice(0, 1));
    await runs.saveEvents(RUN, entries);
    assert.deepEqual(await runs.findEvents(RUN), entries);
    const { bytes } = await blobs.read(CONTAINERS.runs, runKeys.events(RUN));
    assert.equal(Buffer.from(bytes).toString().trimEnd().split('\n').length, 2);
  });

  it('keeps metrics as one JSON line an epoch, in their order', async () => {
    const epochs = [toMetrics(1), toMetrics(2), toMetrics(3)];
    await runs.saveMetrics(RUN, epochs);
    assert.deepEqual(await runs.findMetrics(RUN), epochs);
    const lines = Buffer.from((await blobs.read(CONTAINERS.runs, runKeys.metrics(RUN))).bytes).toString().split('\n');
    assert.deepEqual(lines.map((line) => (line === '' ? null : (JSON.parse(line) as EpochMetrics).epoch)), [1, 2, 3, null]);
  });

  it('replaces metrics, also by fewer', async () => {
    await runs.saveMetrics(RUN, [toMetrics(1), toMetrics(2)]);
    await runs.saveMetrics(RUN, [toMetrics(1)]);
    assert.equal((await runs.findMetrics(RUN)).length, 1);
    await runs.saveMetrics(RUN, []);
    assert.deepEqual(await runs.findMetrics(RUN), []);
  });

  it('keeps the log in every alphabet', async () => {
    await runs.saveLog(RUN, 'Ωmega – 48×48\n');
    assert.equal(await runs.findLog(RUN), 'Ωmega – 48×48\n');
  });

  it('says the digest and the size of a file that it has stored', async () => {
    const bytes = Buffer.from('a network');
    const digest = createHash('sha256').update(bytes).digest('hex');
    assert.deepEqual(await runs.saveCandidateFile(RUN, MODEL_FILES.onnx, bytes), { name: MODEL_FILES.onnx, digest, bytes: 9 });
    assert.deepEqual(await runs.saveCandidateFile(RUN, MODEL_FILES.topology, 'a network'), { name: MODEL_FILES.topology, digest, bytes: 9 });
    assert.deepEqual(Buffer.from(await runs.readCandidateFile(RUN, MODEL_FILES.onnx)), bytes);
  });

  it('files curves and TensorBoard events with the training', async () => {
    await runs.saveCurves(RUN, '<svg/>');
    await runs.saveTensorBoard(RUN, 'events.out', Uint8Array.of(1));
    const names = await Array.fromAsync(blobs.list(CONTAINERS.runs, `${RUN}/training/`), ({ name }) => name);
    assert.deepEqual(names, [runKeys.curves(RUN), runKeys.tensorboard(RUN, 'events.out')]);
  });

  it('keeps what ran before a rollout, with all that the cluster wrote', async () => {
    const was = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'barometer-api', uid: '1', labels: { a: 'b' } }, spec: { ports: [{ port: 80 }] } };
    const before = [
      { apiVersion: 'v1', kind: 'Service', name: 'barometer-api', was },
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'barometer-api', was: null },
    ];
    await runs.saveBeforeRollout(RUN, before);
    assert.deepEqual(await runs.findBeforeRollout(RUN), before);
  });

  it('keeps runs apart', async () => {
    await runs.saveLog(RUN, 'of this run');
    assert.equal(await runs.findLog('20261124T015501Z-1a2b3c4'), '');
  });

  it('keeps what a training began with, also when it goes on with something else', async () => {
    assert.deepEqual(await runs.keepTrainingInputs(RUN, { code: 'first', seed: 1 }), { code: 'first', seed: 1 });
    assert.deepEqual(await runs.keepTrainingInputs(RUN, { code: 'second', seed: 1 }), { code: 'first', seed: 1 });
    assert.deepEqual(await runs.findTrainingInputs(RUN), { code: 'first', seed: 1 });
  });

  it('finds nothing where nothing was left', async () => {
    assert.equal(await runs.findTrainingInputs(RUN), null);
    assert.equal(await runs.findCheckpoint(RUN), null);
    assert.equal(await runs.findResult(RUN), null);
    assert.equal(await runs.findCard(RUN), null);
    assert.equal(await runs.findBeforeRollout(RUN), null);
    assert.deepEqual(await runs.findMetrics(RUN), []);
    assert.equal(await runs.findLog(RUN), '');
  });

  it('fails where something must be there and is not', async () => {
    await assert.rejects(runs.readSpec(RUN), (error) => isFailure(error, 'not-found') && error.message.includes(RUN));
    await assert.rejects(runs.readCandidateFile(RUN, MODEL_FILES.onnx), (error) => isFailure(error, 'not-found'));
  });

  it('names the blob that does not hold what it should', async () => {
    const damaged: readonly (readonly [string, () => Promise<unknown>])[] = [
      [runKeys.spec(RUN), () => runs.readSpec(RUN)],
      [runKeys.result(RUN), () => runs.findResult(RUN)],
      [runKeys.metrics(RUN), () => runs.findMetrics(RUN)],
      [runKeys.candidate(RUN, MODEL_FILES.card), () => runs.findCard(RUN)],
      [runKeys.beforeRollout(RUN), () => runs.findBeforeRollout(RUN)],
    ];
    for (const [key, read] of damaged) {
      for (const content of ['{"half":', '{}']) {
        await blobs.write(CONTAINERS.runs, key, content);
        await assert.rejects(read, (error) => isFailure(error, 'data-corrupt') && error.message.startsWith(key));
      }
    }
  });
});

function toMetrics(epoch: number): EpochMetrics {
  return { epoch, epochs: 3, loss: 1 / epoch, accuracy: 0.5, validationLoss: 1, validationAccuracy: 0.4, learningRate: 1e-3, seconds: 2, imagesPerSecond: 400 };
}
