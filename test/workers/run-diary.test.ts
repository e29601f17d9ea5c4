import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'mocha';
import type { RunStore } from '../../adapters/blob-storage/run-store.ts';
import type { DiaryEntry, EpochMetrics, TrainingEvent } from '../../domain/training.ts';
import { openRunDiary } from '../../workers/run-diary.ts';

const RUN = '20261124T015500Z-1a2b3c4';

describe('the diary of a run', () => {
  let directory: string;
  const tmpBefore = process.env['TMPDIR'];

  beforeEach('give it a directory of its own for what is temporary', async () => {
    directory = await mkdtemp(join(tmpdir(), 'barometer-diary-'));
    process.env['TMPDIR'] = directory;
  });

  afterEach('remove that', async () => {
    if (tmpBefore === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = tmpBefore;
    await rm(directory, { recursive: true, force: true });
  });

  /** What of a run is stored, and where the diary keeps it. */
  function createFakeRuns() {
    const stored = { metrics: [] as EpochMetrics[], log: '', events: [] as DiaryEntry[], boards: new Map<string, Uint8Array>(), metricsWritten: 0, fails: false };
    const runs = {
      findMetrics: async () => stored.metrics,
      findLog: async () => stored.log,
      findEvents: async () => stored.events,
      async saveEvents(_runName: string, events: readonly DiaryEntry[]) {
        stored.events = [...events];
      },
      async saveMetrics(runName: string, metrics: readonly EpochMetrics[]) {
        assert.equal(runName, RUN);
        if (stored.fails) throw new Error('no storage');
        stored.metricsWritten += 1;
        stored.metrics = [...metrics];
      },
      async saveLog(_runName: string, log: string) {
        stored.log = log;
      },
      async saveTensorBoard(_runName: string, fileName: string, bytes: Uint8Array) {
        stored.boards.set(fileName, bytes);
      },
    } satisfies Partial<RunStore>;
    return { stored, runs: runs as unknown as RunStore };
  }

  function toStarted(resumedFromEpoch: number): TrainingEvent {
    return { type: 'started', samples: 90, validationSamples: 10, resumedFromEpoch };
  }

  function toEpoch(epoch: number, loss = 1): TrainingEvent {
    return { type: 'epoch', metrics: toMetrics(epoch, loss) };
  }

  it('keeps the metrics of every epoch, in their order', async () => {
    const { stored, runs } = createFakeRuns();
    const diary = await openRunDiary(runs, RUN, () => undefined);
    diary.write(toStarted(0));
    for (const epoch of [1, 2, 3]) diary.write(toEpoch(epoch));
    await diary.close();
    assert.deepEqual(stored.metrics, [1, 2, 3].map((epoch) => toMetrics(epoch)));
  });

  it('passes every event on, whether it is written down or not', async () => {
    const passed: TrainingEvent[] = [];
    const diary = await openRunDiary(createFakeRuns().runs, RUN, (event) => passed.push(event));
    const events: TrainingEvent[] = [toStarted(0), { type: 'batch', epoch: 1, epochs: 3, batch: 1, batches: 2, loss: 1 }, toEpoch(1), { type: 'log', message: 'hello' }];
    for (const event of events) diary.write(event);
    await diary.close();
    assert.deepEqual(passed, events);
  });

  it('drops the epochs after the checkpoint that a later attempt goes on from', async () => {
    const { stored, runs } = createFakeRuns();
    stored.metrics = [toMetrics(1), toMetrics(2), toMetrics(3, 99)];
    const diary = await openRunDiary(runs, RUN, () => undefined);
    diary.write(toStarted(2));
    diary.write(toEpoch(3));
    await diary.close();
    assert.deepEqual(stored.metrics, [toMetrics(1), toMetrics(2), toMetrics(3)]);
  });

  it('drops all of them when a later attempt begins anew', async () => {
    const { stored, runs } = createFakeRuns();
    stored.metrics = [toMetrics(1, 99)];
    const diary = await openRunDiary(runs, RUN, () => undefined);
    diary.write(toStarted(0));
    await diary.close();
    assert.deepEqual(stored.metrics, []);
  });

  it('keeps what was said, of every attempt, and of what says how far it is the last only', async () => {
    const { stored, runs } = createFakeRuns();
    stored.events = [
      { at: '2026-11-24T01:55:00.000Z', event: toEpoch(1) },
      { at: '2026-11-24T01:55:01.000Z', event: { type: 'batch', epoch: 2, epochs: 3, batch: 1, batches: 2, loss: 1 } },
    ];
    const diary = await openRunDiary(runs, RUN, () => undefined);
    diary.write({ type: 'reading', samples: 1, ofSamples: 2 });
    diary.write({ type: 'reading', samples: 2, ofSamples: 2 });
    diary.write(toStarted(1));
    diary.write({ type: 'batch', epoch: 2, epochs: 3, batch: 1, batches: 2, loss: 1 });
    diary.write({ type: 'batch', epoch: 2, epochs: 3, batch: 2, batches: 2, loss: 0.9 });
    await diary.close();
    assert.deepEqual(stored.events.map(({ event }) => event), [toEpoch(1), toStarted(1), { type: 'batch', epoch: 2, epochs: 3, batch: 2, batches: 2, loss: 0.9 }]);
    assert.ok(Date.parse(stored.events[1]!.at) > Date.parse(stored.events[0]!.at));
  });

  it('notes what somebody else passes on', async () => {
    const { stored, runs } = createFakeRuns();
    const diary = await openRunDiary(runs, RUN, () => assert.fail('it was passed on'));
    diary.note({ type: 'failed', kind: 'training-failed', message: 'The loss is not a number.' });
    await diary.close();
    assert.deepEqual(stored.events.map(({ event }) => event), [{ type: 'failed', kind: 'training-failed', message: 'The loss is not a number.' }]);
    assert.match(stored.log, /The loss is not a number\./);
  });

  it('adds up what the epochs before the checkpoint took', async () => {
    const { stored, runs } = createFakeRuns();
    stored.metrics = [toMetrics(1), toMetrics(2), toMetrics(3)];
    const diary = await openRunDiary(runs, RUN, () => undefined);
    diary.write(toStarted(2));
    diary.write(toEpoch(3));
    assert.equal(diary.secondsBefore(2), 4);
    assert.equal(diary.secondsBefore(0), 0);
    await diary.close();
  });

  it('goes on with the log where an earlier attempt left it', async () => {
    const { stored, runs } = createFakeRuns();
    stored.log = '2026-11-24T01:55:00.000Z of the first attempt\n';
    const diary = await openRunDiary(runs, RUN, () => undefined);
    diary.write(toStarted(2));
    diary.write(toEpoch(3));
    diary.write({ type: 'checkpoint', epoch: 3, bytes: 1_000 });
    diary.write({ type: 'batch', epoch: 4, epochs: 3, batch: 1, batches: 2, loss: 1 });
    diary.write({ type: 'failed', kind: 'training-failed', message: 'The loss is not a number.' });
    await diary.close();
    const lines = stored.log.trimEnd().split('\n').map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, ''));
    assert.equal(lines[0], 'of the first attempt');
    assert.equal(lines[1], '90 images to train on, 10 to validate; after epoch 2');
    assert.match(lines[2]!, /^epoch 3\/3 loss 1\.0000 accuracy 0\.5000 .* 400 images\/s, 0\.0 % waiting for data$/);
    assert.deepEqual(lines.slice(3), ['checkpoint after epoch 3, 1000 bytes', 'The loss is not a number.']);
  });

  it('writes metrics and log before a checkpoint, when asked to', async () => {
    const { stored, runs } = createFakeRuns();
    const diary = await openRunDiary(runs, RUN, () => undefined);
    diary.write(toEpoch(1));
    assert.equal(stored.metrics.length, 0);
    await diary.save();
    assert.equal(stored.metrics.length, 1);
    assert.match(stored.log, /epoch 1\/3/);
    await diary.close();
  });

  it('does not write to storage at every epoch', async () => {
    const { stored, runs } = createFakeRuns();
    const diary = await openRunDiary(runs, RUN, () => undefined);
    for (let epoch = 1; epoch <= 50; epoch += 1) diary.write(toEpoch(epoch));
    await diary.close();
    assert.ok(stored.metricsWritten <= 2, `${stored.metricsWritten} writes`);
    assert.equal(stored.metrics.length, 50);
  });

  it('leaves the TensorBoard events with the run, and nothing on this machine', async () => {
    const { stored, runs } = createFakeRuns();
    const diary = await openRunDiary(runs, RUN, () => undefined);
    assert.equal((await readdir(directory)).length, 1);
    diary.write(toEpoch(1));
    await diary.close();
    const [board] = [...stored.boards];
    assert.match(board![0], /tfevents/);
    assert.ok(Buffer.from(board![1]).includes('loss/validation'));
    assert.deepEqual(await readdir(directory), []);
  });

  it('leaves nothing on this machine either when storage fails, and says that it does', async () => {
    const { stored, runs } = createFakeRuns();
    const diary = await openRunDiary(runs, RUN, () => undefined);
    diary.write(toEpoch(1));
    stored.fails = true;
    await assert.rejects(diary.close(), /no storage/);
    assert.deepEqual(await readdir(directory), []);
  });

  it('makes a lost write good by the next', async () => {
    const { stored, runs } = createFakeRuns();
    const diary = await openRunDiary(runs, RUN, () => undefined);
    diary.write(toEpoch(1));
    stored.fails = true;
    await assert.rejects(diary.save());
    stored.fails = false;
    diary.write(toEpoch(2));
    await diary.close();
    assert.equal(stored.metrics.length, 2);
  });
});

function toMetrics(epoch: number, loss = 1): EpochMetrics {
  return { epoch, epochs: 3, loss, accuracy: 0.5, validationLoss: 1, validationAccuracy: 0.4, learningRate: 1e-3, seconds: 2, imagesPerSecond: 400 };
}
