import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'mocha';
import { createStores } from '../../adapters/blob-storage/stores.ts';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import { greyPngCodec } from '../../adapters/vision/grey-png.ts';
import { followRun, startPipeline } from '../../cli/pipeline-runs.ts';
import type { StartedRun } from '../../cli/pipeline-runs.ts';
import { modelCardSchema } from '../../domain/model.ts';
import { CONTAINERS, MODEL_FILES, modelKeys, MODEL_NAME } from '../../domain/names.ts';
import type { RunState } from '../../domain/run-state.ts';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import { runStateQuery } from '../../workflows/contract.ts';
import { useAzurite } from '../support/azurite.ts';
import { runBarometer } from '../support/barometer.ts';
import { AFTER_EACH_EPOCH, untilCheckpoint } from '../support/checkpoints.ts';
import { drawImage } from '../support/raw-images.ts';
import { findTestData } from '../support/test-data.ts';
import { useCommands } from '../support/commands.ts';
import { useTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';


describe('the pipeline on real images, with real workers', () => {
  const temporal = useTemporal();
  const azurite = useAzurite();
  let environment: Record<string, string>;
  let stores: Stores;
  let commits = 0;
  const commands = useCommands();
  const images = findTestData('fer800');

  before('look for the images', function () {
    if (images === null) this.skip();
  });

  beforeEach('open an account of its own', () => {
    const { connectionString } = azurite.newAccount();
    stores = createStores({ connectionString }, greyPngCodec);
    environment = {
      BAROMETER_TEMPORAL_ADDRESS: temporal.env.address,
      BAROMETER_STORAGE_CONNECTION_STRING: connectionString,
      // Few epochs don't make a good network.
      BAROMETER_MINIMUM_ACCURACY: '0.1',
      BAROMETER_SHARD_SIZE: '100',
      ...AFTER_EACH_EPOCH,
    };
  });

  const startWorker = () => commands.startWorker(environment);

  async function importImages(): Promise<void> {
    const { exitCode, stderr } = await runBarometer(['import', images!], environment);
    assert.equal(exitCode, 0, stderr);
  }

  async function start(epochs: number, switches: Record<string, unknown> = {}): Promise<StartedRun> {
    commits += 1;
    const gitSha = commits.toString(16).padStart(40, 'e');
    return startPipeline(temporal.env.client, pipelineInputSchema.parse({ gitSha, hyperparameters: { epochs }, ...switches }));
  }

  async function finish({ handle }: StartedRun): Promise<RunState> {
    const end = await followRun(handle, () => undefined);
    assert.equal(end.status, 'succeeded', 'reason' in end ? end.reason : '');
    return end.state;
  }

  function noteOf(state: RunState, step: string): string {
    return state.steps.find((each) => each.step === step)!.note;
  }

  /** What the training last told the server, as the UI shows it on the pending activity. */
  async function readHeartbeat({ handle }: StartedRun): Promise<Record<string, unknown> | null> {
    const { raw } = await handle.describe();
    const payload = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'trainModel')?.heartbeatDetails?.payloads?.[0];
    return payload?.data ? (JSON.parse(Buffer.from(payload.data).toString()) as Record<string, unknown>) : null;
  }

  it('makes a registered model with a complete card, and touches only what is new the next time', async () => {
    await startWorker();
    await importImages();
    const state = await finish(await start(2));
    assert.equal(state.outcome, 'registered');
    assert.equal(state.model?.version, 1);

    const { manifest, card, files } = await stores.registry.read(1);
    assert.equal(manifest.gitSha, state.gitSha);
    assert.equal(manifest.runName, state.runName);
    assert.ok(modelCardSchema.safeParse(card).success);
    assert.ok(card.training.parity.largestDifference < 1e-4);
    assert.equal(card.training.epochs, 2);
    for (const name of Object.values(MODEL_FILES)) assert.ok(files.has(name), `the version holds ${name}`);
    assert.match(Buffer.from(files.get(MODEL_FILES.curves)!).toString(), /<svg/);
    assert.equal((await stores.runs.findMetrics(state.runName)).length, 2);
    assert.match(await stores.runs.findLog(state.runName), /epoch 2\/2/);
    const boards = await Array.fromAsync(stores.blobs.list(CONTAINERS.runs, `${state.runName}/training/tensorboard/`));
    assert.equal(boards.length, 1);

    const dataset = await stores.datasets.readDataset(state.datasetVersion!);
    assert.equal(dataset.gitSha, state.gitSha);
    const shardsBefore = dataset.shards.map(({ digest }) => digest);
    await stores.blobs.write(CONTAINERS.raw, 'happy/a-new-one.png', await drawImage(1));
    const next = await finish(await start(1, { train: false }));
    assert.match(noteOf(next, 'resize'), /1 new, \d+ kept/);
    const grown = await stores.datasets.readDataset(next.datasetVersion!);
    assert.deepEqual(grown.shards.map(({ digest }) => digest).filter((digest) => shardsBefore.includes(digest)), shardsBefore);
    assert.equal(grown.shards.length, shardsBefore.length + 1);
  });

  it('goes on from the last checkpoint when the worker is killed while training', async () => {
    const worker = await startWorker();
    await importImages();
    const run = await start(12);
    await untilCheckpoint(run, stores.runs);
    await worker.kill();
    await startWorker();
    const state = await finish(run);
    const result = await stores.runs.findResult(state.runName);
    assert.ok(result!.resumedFromEpoch >= 1, `resumed after epoch ${result!.resumedFromEpoch}`);
    assert.equal((await stores.runs.findMetrics(state.runName)).length, result!.epochs);
    assert.match(await stores.runs.findLog(state.runName), /after epoch \d+/);
  });

  it('goes on with the next batch when the worker is killed while resizing', async () => {
    const worker = await startWorker();
    await importImages();
    const run = await start(1, { train: false });
    await until(async () => {
      const state = await run.handle.query(runStateQuery).catch(() => null);
      return state !== null && /of 800 new images/.test(noteOf(state, 'resize'));
    });
    await worker.kill();
    await startWorker();
    const state = await finish(run);
    assert.match(noteOf(state, 'resize'), /^800 images/);
  });

  it('ends the training process within seconds when the run is cancelled, and registers nothing', async () => {
    await startWorker();
    await importImages();
    const run = await start(40);
    await until(async () => (await readHeartbeat(run))?.['stage'] === 'training');
    await run.handle.cancel();
    const cancelledAt = Date.now();
    const end = await followRun(run.handle, () => undefined);
    assert.equal(end.status, 'cancelled');
    // The run only ends when the activity has seen its process end: this is the time of both.
    assert.ok(Date.now() - cancelledAt < 120_000, `it took ${Date.now() - cancelledAt} ms`);
    assert.deepEqual(await stores.registry.list(), []);
    assert.deepEqual(await Array.fromAsync(stores.blobs.list(CONTAINERS.models, modelKeys.versionPrefix(MODEL_NAME))), []);
  });
});
