import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'mocha';
import { createStores } from '../../adapters/blob-storage/stores.ts';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import { greyPngCodec } from '../../adapters/vision/grey-png.ts';
import type { StartedRun } from '../../cli/pipeline-runs.ts';
import { followRun, startPipeline } from '../../cli/pipeline-runs.ts';
import type { RunState } from '../../domain/run-state.ts';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import { useAzurite } from '../support/azurite.ts';
import type { RunningCommand } from '../support/barometer.ts';
import { runBarometer } from '../support/barometer.ts';
import { AFTER_EACH_EPOCH, untilCheckpoint } from '../support/checkpoints.ts';
import { useCommands } from '../support/commands.ts';
import { useTemporal } from '../support/temporal.ts';
import { findTestData } from '../support/test-data.ts';
import { until } from '../support/until.ts';

/** The server would take 20 seconds to notice by itself that a worker is gone. */
const AT_ONCE_MS = 15_000;

describe('a worker that is told to end', () => {
  const temporal = useTemporal();
  const azurite = useAzurite();
  const images = findTestData('fer800');
  const commands = useCommands();
  let environment: Record<string, string>;
  let stores: Stores;

  before('look for the images', function () {
    if (images === null) this.skip();
  });

  beforeEach('open an account of its own', async () => {
    const { connectionString } = azurite.newAccount();
    stores = createStores({ connectionString }, greyPngCodec);
    environment = {
      BAROMETER_TEMPORAL_ADDRESS: temporal.env.address,
      BAROMETER_STORAGE_CONNECTION_STRING: connectionString,
      BAROMETER_MINIMUM_ACCURACY: '0.1',
      BAROMETER_SHARD_SIZE: '200',
      BAROMETER_SHUTDOWN_GRACE_SECONDS: '0.5',
      ...AFTER_EACH_EPOCH,
    };
    const { exitCode, stderr } = await runBarometer(['import', images!], environment);
    assert.equal(exitCode, 0, stderr);
  });

  const startWorker = (roles: string) => commands.startWorker(environment, roles);

  interface Pending {
    readonly worker: string;
    readonly attempt: number;
    readonly lastFailure: string | null;
    readonly heartbeat: Record<string, unknown>;
  }

  /** The activities of this type that are under way, with who does them. */
  async function readPending({ handle }: StartedRun, type: string): Promise<Pending[]> {
    const { raw } = await handle.describe();
    const pending = raw.pendingActivities?.filter(({ activityType, state }) => activityType?.name === type && (state as number) === 2) ?? [];
    return pending.map(({ lastWorkerIdentity, attempt, lastFailure, heartbeatDetails }) => {
      const data = heartbeatDetails?.payloads?.[0]?.data;
      return {
        worker: lastWorkerIdentity ?? '',
        attempt: attempt ?? 0,
        lastFailure: lastFailure?.applicationFailureInfo?.type ?? null,
        heartbeat: data == null ? {} : ((JSON.parse(Buffer.from(data).toString()) ?? {}) as Record<string, unknown>),
      };
    });
  }

  const isOf = ({ process: { pid } }: RunningCommand) => ({ worker }: Pending) => worker.includes(`-${pid}@`);

  /** Asks it to end, and checks that it does so well and soon. */
  async function end(worker: RunningCommand): Promise<void> {
    const askedAt = performance.now();
    const { exitCode, stderr } = await worker.stop();
    assert.equal(exitCode, 0, stderr);
    assert.ok(performance.now() - askedAt < AT_ONCE_MS, `it took ${performance.now() - askedAt} ms`);
  }

  async function finish({ handle }: StartedRun): Promise<RunState> {
    const ended = await followRun(handle, () => undefined);
    assert.equal(ended.status, 'succeeded', 'reason' in ended ? ended.reason : '');
    return ended.state;
  }

  /** How often each activity of this type was begun, and why again. */
  async function readAttempts({ handle }: StartedRun, type: string): Promise<{ attempt: number; lastFailure: string | null }[]> {
    const { events = [] } = await handle.fetchHistory();
    const scheduled = events!.filter(({ activityTaskScheduledEventAttributes: each }) => each?.activityType?.name === type).map(({ eventId }) => String(eventId));
    return events!.flatMap(({ activityTaskStartedEventAttributes: each }) =>
      each != null && scheduled.includes(String(each.scheduledEventId)) ? [{ attempt: each.attempt ?? 0, lastFailure: each.lastFailure?.applicationFailureInfo?.type ?? null }] : [],
    );
  }

  it('gives the batches that it resizes to another one, which does no others again', async () => {
    await startWorker('pipeline,deploy');
    const first = await startWorker('data');
    const run = await startPipeline(temporal.env.client, pipelineInputSchema.parse({ gitSha: '1'.repeat(40), train: false }));
    await until(async () => (await readPending(run, 'resizeBatch')).some((pending) => isOf(first)(pending) && Number(pending.heartbeat['images'] ?? 0) > 0));
    const second = startWorker('data');
    await end(first);
    await second;
    const state = await finish(run);
    assert.match(state.steps.find(({ step }) => step === 'resize')!.note, /^800 images/);
    const attempts = await readAttempts(run, 'resizeBatch');
    assert.equal(attempts.length, 4);
    assert.ok(attempts.some(({ attempt }) => attempt === 2), JSON.stringify(attempts));
    for (const { attempt, lastFailure } of attempts) assert.equal(lastFailure, attempt === 1 ? null : 'worker-shutdown', JSON.stringify(attempts));
  });

  it('gives its training to another one at once, which goes on from the checkpoint', async () => {
    await startWorker('pipeline,data,deploy');
    const trainers = [await startWorker('train'), await startWorker('train')];
    const run = await startPipeline(temporal.env.client, pipelineInputSchema.parse({ gitSha: '2'.repeat(40), hyperparameters: { epochs: 12 } }));
    await untilCheckpoint(run, stores.runs);
    const [training] = await readPending(run, 'trainModel');
    const first = trainers.find((worker) => isOf(worker)(training!))!;
    const second = trainers.find((worker) => worker !== first)!;
    const askedAt = performance.now();
    await end(first);
    await until(async () => (await readPending(run, 'trainModel')).some(isOf(second)));
    assert.ok(performance.now() - askedAt < AT_ONCE_MS, `it took ${performance.now() - askedAt} ms`);
    const state = await finish(run);
    assert.deepEqual(await readAttempts(run, 'trainModel'), [{ attempt: 2, lastFailure: 'worker-shutdown' }]);
    const result = await stores.runs.findResult(state.runName);
    assert.ok(result!.resumedFromEpoch >= 1);
    assert.equal((await stores.runs.findMetrics(state.runName)).length, result!.epochs);
  });
});
