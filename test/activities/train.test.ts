import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { ActivityCancellationDetails, CancelledFailure } from '@temporalio/common';
import type { MockActivityEnvironment } from '@temporalio/testing';
import type { TrainDependencies, TrainingCompute, TrainRequest } from '../../activities/train.ts';
import { createTrainActivities } from '../../activities/train.ts';
import type { TrainSummary } from '../../activities/train-summary.ts';
import { toPerEmotion } from '../../domain/emotion.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { EpochMetrics, TrainingEvent, TrainingResult, TrainingSpec } from '../../domain/training.ts';
import { MODEL_FILES, runKeys } from '../../domain/names.ts';
import type { StepInputs } from '../../domain/step-memory.ts';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { createRunStore } from '../../adapters/blob-storage/run-store.ts';
import { createStepMemory } from '../../adapters/blob-storage/step-memory.ts';
import { useAzurite } from '../support/azurite.ts';
import { toModelCard } from '../support/models.ts';
import { createActivityEnvironment } from '../support/run-activity.ts';
import { toSplitManifest } from '../support/splits.ts';
import { createShortMemory } from '../support/step-memory.ts';
import { saveTraining } from '../support/stored-training.ts';

const SUMMARY: TrainSummary = { epochs: 12, bestEpoch: 9, bestValidationAccuracy: 0.75, stoppedEarly: false, imagesPerSecond: 400, resumedFromEpoch: 0, cachedFrom: null };
const result: TrainingResult = { ...toModelCard().training, samples: { train: toPerEmotion(() => 14), validation: toPerEmotion(() => 2) }, files: [] };
const SPLIT = toSplitManifest();
const request: TrainRequest = { compute: 'local', spec: result.spec };

describe('trainModel', () => {
  /** A compute that does `run`, and a run's folder that holds the result once it has. */
  function setUp(run: TrainingCompute['run'] = () => Promise.resolve(), { writesResult = true, reportProgress = () => Promise.resolve(), end = () => Promise.resolve() }: { writesResult?: boolean; reportProgress?: TrainDependencies['reportProgress']; end?: TrainingCompute['end'] } = {}) {
    const stored: { spec: TrainingSpec | null; result: TrainingResult | null } = { spec: null, result: null };
    const told: string[] = [];
    let begunWith: StepInputs | null = null;
    let starts = 0;
    const compute: TrainingCompute = {
      async run(spec, options) {
        starts += 1;
        assert.deepEqual(stored.spec, spec, 'the spec is there when the program starts');
        await run(spec, options);
        if (writesResult) stored.result = result;
      },
      end,
    };
    const dependencies: TrainDependencies = {
      computes: { local: compute, 'azure-ml': compute },
      runs: {
        saveSpec(spec) {
          stored.spec = spec;
          return Promise.resolve();
        },
        findResult: () => Promise.resolve(stored.result),
        keepTrainingInputs: (_run, inputs) => Promise.resolve((begunWith ??= inputs)),
        findTrainingInputs: () => Promise.resolve(begunWith),
        adoptTraining: () => Promise.reject(new Failure('not-found', 'There is nothing to adopt.')),
      },
      datasets: { readSplit: () => Promise.resolve(SPLIT) },
      memory: createShortMemory(),
      readCode: () => Promise.resolve('code'),
      reportProgress(note) {
        told.push(note);
        return reportProgress(note);
      },
    };
    return { dependencies, stored, told, starts: () => starts };
  }

  async function train(dependencies: TrainDependencies, environment: MockActivityEnvironment = createActivityEnvironment(), asked: TrainRequest = request) {
    const heartbeats: Record<string, unknown>[] = [];
    environment.on('heartbeat', (details: Record<string, unknown>) => heartbeats.push(details));
    const summary = await environment.run(createTrainActivities(dependencies).trainModel, asked);
    return { summary, heartbeats };
  }

  function saying(...events: TrainingEvent[]): TrainingCompute['run'] {
    return (_spec, { onEvent }) => {
      for (const event of events) onEvent(event);
      return Promise.resolve();
    };
  }

  it('writes the spec, runs the program and sums up its result', async () => {
    const { dependencies, stored } = setUp();
    const { summary } = await train(dependencies);
    assert.deepEqual(summary, SUMMARY);
    assert.deepEqual(stored.spec, request.spec);
  });

  it('returns the earlier result when it is tried again after its success', async () => {
    const { dependencies, starts } = setUp();
    const first = await train(dependencies);
    const second = await train(dependencies);
    assert.deepEqual(second.summary, first.summary);
    assert.equal(starts(), 1);
  });

  it('starts the program again after a failed attempt', async () => {
    let attempts = 0;
    const { dependencies, starts } = setUp(async () => {
      attempts += 1;
      if (attempts === 1) throw new Failure('training-interrupted', 'Killed.');
    });
    await assert.rejects(train(dependencies), (error) => isFailure(error, 'training-interrupted'));
    assert.deepEqual((await train(dependencies)).summary, SUMMARY);
    assert.equal(starts(), 2);
  });

  it('heartbeats the epoch, the last checkpoint and what they last achieved, all at once', async () => {
    const { dependencies } = setUp(
      saying(
        { type: 'reading', samples: 10, ofSamples: 100 },
        { type: 'started', samples: 90, validationSamples: 10, resumedFromEpoch: 2 },
        { type: 'batch', epoch: 3, epochs: 60, batch: 4, batches: 9, loss: 1.2 },
        { type: 'epoch', metrics: toMetrics(3) },
        { type: 'checkpoint', epoch: 3, bytes: 1_000 },
        { type: 'batch', epoch: 4, epochs: 60, batch: 0, batches: 9, loss: 1.1 },
      ),
    );
    const { heartbeats } = await train(dependencies);
    const [starting, reading] = heartbeats;
    assert.equal(starting!['stage'], 'starting');
    assert.deepEqual([reading!['stage'], reading!['samples'], reading!['ofSamples']], ['reading', 10, 100]);
    const { stage, resumedFromEpoch, epoch, epochs, batch, checkpointEpoch, finished } = heartbeats.at(-1)!;
    assert.deepEqual({ stage, resumedFromEpoch, epoch, epochs, batch, checkpointEpoch }, { stage: 'training', resumedFromEpoch: 2, epoch: 4, epochs: 60, batch: 0, checkpointEpoch: 3 });
    assert.deepEqual(finished, toMetrics(3));
  });

  it('heartbeats one line for people, which stays until there is a newer one', async () => {
    const { dependencies } = setUp(saying({ type: 'epoch', metrics: toMetrics(7) }, { type: 'batch', epoch: 8, epochs: 60, batch: 1, batches: 9, loss: 1 }));
    const { heartbeats } = await train(dependencies);
    const [, ...said] = heartbeats;
    for (const { note } of said) assert.equal(note, 'epoch 7 of 60, loss 0.812, validation 61.3 % (loss 0.900)');
    assert.equal(said.length, 2);
  });

  it('heartbeats while the program is silent', async () => {
    const environment = createActivityEnvironment();
    const { dependencies } = setUp(() => new Promise((resolve) => environment.once('heartbeat', () => { resolve(); })));
    const { heartbeats } = await train(dependencies, environment);
    assert.equal(heartbeats.at(-1)!['stage'], 'starting');
  });

  it('reports progress to the workflow at once, and then only now and then', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 10, 24) });
    try {
      const { dependencies, told } = setUp(async (_spec, { onEvent }) => {
        onEvent({ type: 'started', samples: 90, validationSamples: 10, resumedFromEpoch: 0 });
        for (let epoch = 1; epoch <= 60; epoch += 1) {
          mock.timers.tick(5_000);
          onEvent({ type: 'batch', epoch, epochs: 60, batch: 1, batches: 9, loss: 1 });
          onEvent({ type: 'epoch', metrics: toMetrics(epoch) });
        }
      });
      await train(dependencies);
      // 300 s of training with a report every half a minute.
      assert.equal(told.length, 11);
      assert.equal(told[0], 'training begins');
      assert.match(told[1]!, /^epoch 6 of 60/);
      assert.match(told.at(-1)!, /^epoch 60 of 60/);
    } finally {
      mock.timers.reset();
    }
  });

  it('says after which epoch it goes on', async () => {
    const { dependencies, told } = setUp(saying({ type: 'started', samples: 90, validationSamples: 10, resumedFromEpoch: 4 }));
    await train(dependencies);
    assert.deepEqual(told, ['goes on after epoch 4']);
  });

  it('does not mind when a report is lost', async () => {
    const lost = () => Promise.reject(new Error('no such workflow'));
    const { dependencies, told } = setUp(saying({ type: 'reading', samples: 1, ofSamples: 2 }), { reportProgress: lost });
    assert.deepEqual((await train(dependencies)).summary, SUMMARY);
    assert.equal(told.length, 1);
  });

  it('hands the cancellation to the program, and ends as cancelled when that has ended', async () => {
    const environment = createActivityEnvironment();
    let isEnded = false;
    const { dependencies, stored } = setUp(async (_spec, { signal }) => {
      environment.cancel();
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(signal.aborted);
      isEnded = true;
      signal.throwIfAborted();
    });
    await assert.rejects(train(dependencies, environment), CancelledFailure);
    assert.ok(isEnded);
    assert.equal(stored.result, null);
  });

  it('says that nobody wants the training any more only when it was cancelled', async () => {
    const environment = createActivityEnvironment();
    const wanted: boolean[] = [];
    const { dependencies } = setUp(async (_spec, { signal, isWanted }) => {
      wanted.push(isWanted());
      environment.cancel('CANCELLED', new ActivityCancellationDetails({ cancelRequested: true }));
      wanted.push(isWanted());
      signal.throwIfAborted();
    });
    await assert.rejects(train(dependencies, environment), CancelledFailure);
    assert.deepEqual(wanted, [true, false]);
  });

  it('leaves the training to a later attempt when the worker shuts down or was given up', async () => {
    for (const details of [{ workerShutdown: true }, { notFound: true }, { timedOut: true }]) {
      const environment = createActivityEnvironment();
      const { dependencies } = setUp(async (_spec, { signal, isWanted }) => {
        environment.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails(details));
        assert.ok(isWanted(), JSON.stringify(details));
        signal.throwIfAborted();
      });
      await assert.rejects(train(dependencies, environment), CancelledFailure);
    }
  });

  it('shows what the compute waits for', async () => {
    const { dependencies, told } = setUp(saying({ type: 'waiting', message: 'queued, 0 of 4 nodes up' }));
    const { heartbeats } = await train(dependencies);
    assert.deepEqual(heartbeats.at(-1), { stage: 'waiting', note: 'queued, 0 of 4 nodes up' });
    assert.deepEqual(told, ['queued, 0 of 4 nodes up']);
  });

  it('says which candidate it speaks of where the run has several', async () => {
    const { dependencies, told } = setUp(saying({ type: 'started', samples: 90, validationSamples: 10, resumedFromEpoch: 0 }));
    const { heartbeats } = await train(dependencies, undefined, { ...request, spec: { ...request.spec, runName: `${request.spec.runName}.c2` } });
    assert.deepEqual(heartbeats, [{ candidate: 'c2', stage: 'starting' }, { candidate: 'c2', stage: 'training', samples: 90, resumedFromEpoch: 0, note: 'training begins' }]);
    assert.deepEqual(told, ['c2: training begins']);
  });

  it('ends what may still train a run that nobody wants any more', async () => {
    const ended: string[] = [];
    const { dependencies } = setUp(undefined, {
      async end({ runName }) {
        ended.push(runName);
      },
    });
    await createActivityEnvironment().run(createTrainActivities(dependencies).endTraining, request);
    assert.deepEqual(ended, [request.spec.runName]);
  });

  it('counts a program that ended without a result as interrupted', async () => {
    const { dependencies } = setUp(undefined, { writesResult: false });
    await assert.rejects(train(dependencies), (error) => isFailure(error, 'training-interrupted'));
  });

  it('fails as the program failed', async () => {
    const { dependencies } = setUp(() => Promise.reject(new Failure('training-failed', 'The loss is not a number.')));
    await assert.rejects(train(dependencies), (error) => isFailure(error, 'training-failed') && error.message === 'The loss is not a number.');
  });
});

describe('trainModel, where it was trained before', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;
  let starts: string[];

  beforeEach(async () => {
    blobs = await azurite.newStore();
    starts = [];
  });

  /** Real storage, and a program that leaves behind what a training leaves. */
  function open({ code = 'code', run = (spec) => saveTraining(blobs, spec.runName, spec).then(() => undefined) }: { code?: string; run?: TrainingCompute['run'] } = {}) {
    const compute: TrainingCompute = {
      async run(spec, options) {
        starts.push(spec.runName);
        await run(spec, options);
      },
      end: () => Promise.resolve(),
    };
    return createTrainActivities({
      computes: { local: compute, 'azure-ml': compute },
      runs: createRunStore(blobs),
      datasets: { readSplit: () => Promise.resolve(SPLIT) },
      memory: createStepMemory(blobs),
      readCode: () => Promise.resolve(code),
      reportProgress: () => Promise.resolve(),
    });
  }

  async function trainAs(runName: string, { useCache = true, compute = 'local' as const, ...options }: Partial<TrainRequest> & Parameters<typeof open>[0] = {}): Promise<TrainSummary> {
    const spec = { ...request.spec, runName };
    return createActivityEnvironment().run(open(options).trainModel, { compute, spec, useCache });
  }

  it('starts no program, and says which run trained, also the third time', async () => {
    assert.equal((await trainAs('first')).cachedFrom, null);
    assert.deepEqual(await trainAs('second'), { ...SUMMARY, cachedFrom: 'first' });
    assert.equal((await trainAs('third')).cachedFrom, 'first');
    assert.deepEqual(starts, ['first']);
  });

  it('says so again when it is tried again', async () => {
    await trainAs('first');
    const summary = await trainAs('second');
    assert.deepEqual(await trainAs('second', { code: 'other code' }), summary);
    assert.deepEqual(starts, ['first']);
  });

  it('trains all the same without the cache, and later runs take that', async () => {
    await trainAs('first');
    assert.equal((await trainAs('second', { useCache: false })).cachedFrom, null);
    assert.equal((await trainAs('third')).cachedFrom, 'second');
    assert.deepEqual(starts, ['first', 'second']);
  });

  it('trains again when the network is gone, and when the code is another', async () => {
    await trainAs('first');
    await blobs.remove('runs', runKeys.candidate('first', MODEL_FILES.onnx));
    assert.equal((await trainAs('second')).cachedFrom, null);
    assert.equal((await trainAs('third', { code: 'other code' })).cachedFrom, null);
    assert.deepEqual(starts, ['first', 'second', 'third']);
  });

  it('goes on with what it has begun, though another run has finished the same meanwhile', async () => {
    const die = () => Promise.reject(new Failure('training-interrupted', 'Killed.'));
    await assert.rejects(trainAs('second', { run: die }), (error) => isFailure(error, 'training-interrupted'));
    await trainAs('first');
    assert.equal((await trainAs('second')).cachedFrom, null);
    assert.deepEqual(starts, ['second', 'first', 'second']);
  });

  it('remembers a training that ended while nobody watched', async () => {
    const leave = async (spec: TrainingSpec) => {
      await saveTraining(blobs, spec.runName, spec);
      throw new Failure('dependency-unavailable', 'The worker was replaced.');
    };
    await assert.rejects(trainAs('first', { run: leave }));
    assert.equal((await trainAs('first')).cachedFrom, null);
    assert.equal((await trainAs('second')).cachedFrom, 'first');
    assert.deepEqual(starts, ['first']);
  });

  it('remembers nothing that was begun by one version of the code and ended by another', async () => {
    const die = () => Promise.reject(new Failure('training-interrupted', 'Killed.'));
    await assert.rejects(trainAs('first', { run: die }));
    await trainAs('first', { code: 'new code' });
    for (const code of ['code', 'new code']) assert.equal((await trainAs(`with ${code}`, { code })).cachedFrom, null);
    assert.equal(starts.length, 4);
  });

  it('trains in two runs at the same time, and both end well', async () => {
    const summaries = await Promise.all([trainAs('first'), trainAs('second')]);
    assert.deepEqual(summaries, [SUMMARY, SUMMARY]);
    assert.ok(['first', 'second'].includes((await trainAs('third')).cachedFrom!));
  });
});

function toMetrics(epoch: number): EpochMetrics {
  return { epoch, epochs: 60, loss: 0.812, accuracy: 0.7, validationLoss: 0.9, validationAccuracy: 0.613, learningRate: 1e-3, seconds: 3, imagesPerSecond: 400 };
}
