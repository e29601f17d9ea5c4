import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { createStores } from '../../adapters/blob-storage/stores.ts';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import { greyPngCodec } from '../../adapters/vision/grey-png.ts';
import { followRun, startPipeline } from '../../cli/pipeline-runs.ts';
import { CONTAINERS, MODEL_FILES, processedKeys, runKeys } from '../../domain/names.ts';
import type { PipelineStep } from '../../domain/pipeline.ts';
import type { RunState, StepState } from '../../domain/run-state.ts';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import { useAzurite } from '../support/azurite.ts';
import { uploadImages } from '../support/raw-images.ts';
import { useCommands } from '../support/commands.ts';
import { useTemporal } from '../support/temporal.ts';


/** One after the other: each run goes by what the ones before it left. */
describe('runs of other commits with the same images and code', () => {
  const commands = useCommands({ endAfter: 'all' });
  const temporal = useTemporal();
  const azurite = useAzurite();
  let stores: Stores;
  let first: RunState;
  let commits = 0;

  before('start workers, and make a first model', async () => {
    const { connectionString } = azurite.newAccount();
    stores = createStores({ connectionString }, greyPngCodec);
    await stores.blobs.ensureContainers();
    await uploadImages(stores.blobs, 20);
    const environment = {
      BAROMETER_TEMPORAL_ADDRESS: temporal.env.address,
      BAROMETER_STORAGE_CONNECTION_STRING: connectionString,
      // Patterns that mean nothing are not learned.
      BAROMETER_MINIMUM_ACCURACY: '0',
      BAROMETER_SHARD_SIZE: '30',
    };
    await commands.startWorker(environment, 'pipeline,data,train');
    first = await run();
  });

  async function run(switches: Record<string, unknown> = {}): Promise<RunState> {
    commits += 1;
    const gitSha = commits.toString(16).padEnd(40, 'd');
    const input = pipelineInputSchema.parse({ gitSha, deploy: 'off', hyperparameters: { epochs: 3 }, ...switches });
    const { handle } = await startPipeline(temporal.env.client, input);
    const end = await followRun(handle, () => undefined);
    assert.equal(end.status, 'succeeded', 'reason' in end ? end.reason : '');
    return end.state;
  }

  function stepOf(state: RunState, step: PipelineStep): StepState {
    return state.steps.find((each) => each.step === step)!;
  }

  function toSources(state: RunState): Partial<Record<PipelineStep, string | null>> {
    const done = state.steps.filter(({ status }) => status === 'succeeded');
    return Object.fromEntries(done.map(({ step, cachedFrom }) => [step, cachedFrom]));
  }

  function toSeconds({ startedAt, endedAt }: StepState): number {
    return (Date.parse(endedAt!) - Date.parse(startedAt!)) / 1_000;
  }

  async function hasTrained({ runName }: RunState): Promise<boolean> {
    return stores.blobs.exists(CONTAINERS.runs, runKeys.spec(runName));
  }

  it('train nothing and take no new version, and say from which run all of it is', async () => {
    assert.deepEqual([first.outcome, first.model?.version, await hasTrained(first)], ['registered', 1, true]);
    assert.deepEqual(Object.values(toSources(first)), [null, null, null, null, null, null]);

    const second = await run();
    const { runName } = first;
    // Measured again, for there was no champion to compare with the first time.
    assert.deepEqual(toSources(second), { ingest: runName, resize: runName, split: runName, train: runName, evaluate: null, register: runName });
    assert.deepEqual([second.outcome, second.model, await hasTrained(second)], ['registered', first.model, false]);
    assert.match(stepOf(second, 'train').note, new RegExp(`^as in run ${runName}: best epoch \\d of 3`));
    assert.equal(stepOf(second, 'register').note, `as in run ${runName}: emotions-cnn version 1 has this network already`);
    assert.ok(toSeconds(stepOf(second, 'train')) < toSeconds(stepOf(first, 'train')) / 2, `${toSeconds(stepOf(second, 'train'))} s instead of ${toSeconds(stepOf(first, 'train'))} s`);
    assert.equal((await stores.registry.list()).length, 1);

    const card = (await stores.runs.findCard(second.runName))!;
    assert.deepEqual([card.runName, card.gitSha], [second.runName, second.gitSha]);
    assert.deepEqual([card.training.spec.runName, card.training.spec.gitSha], [runName, first.gitSha]);
    assert.equal((await stores.runs.findMetrics(second.runName)).length, 3);

    const third = await run();
    assert.deepEqual(toSources(third), { ...toSources(second), evaluate: second.runName });
    assert.equal(third.accuracy, second.accuracy);
  });

  it('train again when a file of the network was deleted', async () => {
    await stores.blobs.remove(CONTAINERS.runs, runKeys.candidate(first.runName, MODEL_FILES.weights));
    const state = await run();
    assert.equal(stepOf(state, 'train').cachedFrom, null);
    assert.equal(await hasTrained(state), true);
    assert.equal(stepOf(await run(), 'train').cachedFrom, state.runName);
  });

  it('resize again what a deleted shard held, and train nothing for that', async () => {
    const { shards } = await stores.datasets.readDataset(first.datasetVersion!);
    await stores.blobs.remove(CONTAINERS.processed, processedKeys.shard(shards[1]!.digest));
    const state = await run();
    assert.equal(stepOf(state, 'resize').cachedFrom, null);
    assert.notEqual(stepOf(state, 'train').cachedFrom, null);
    assert.deepEqual(await stores.datasets.findMissingShards((await stores.datasets.readDataset(state.datasetVersion!)).shards), []);
  });

  it('do everything anew when that is asked for', async () => {
    const state = await run({ cache: false });
    assert.deepEqual(Object.values(toSources(state)), [null, null, null, null, null, null]);
    assert.equal(state.datasetVersion, state.runName);
    assert.equal(await hasTrained(state), true);
    assert.equal(state.model?.version, (await stores.registry.list()).length);
  });
});
