import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { before } from 'mocha';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import { createStores } from '../../adapters/blob-storage/stores.ts';
import { createLocalCompute } from '../../adapters/compute/local-process.ts';
import { greyPngCodec } from '../../adapters/vision/grey-png.ts';
import { toTrainingEnvironment } from '../../config/child-environment.ts';
import { runKeys } from '../../domain/names.ts';
import type { TrainingEvent } from '../../domain/training.ts';
import { hyperparametersSchema } from '../../domain/training.ts';
import { useAzurite } from '../support/azurite.ts';
import { createDataActivities, GIT_SHA } from '../support/data-activities.ts';
import { useMlflow } from '../support/mlflow.ts';
import { uploadImages } from '../support/raw-images.ts';
import { runActivity } from '../support/run-activity.ts';

const DATASET_RUN = '20261124T010000Z-0123456';
const TRAIN = fileURLToPath(new URL('../../workers/train.ts', import.meta.url));

describe('the train program', () => {
  const azurite = useAzurite();
  let connectionString: string;
  let stores: Stores;
  let splitVersion: string;
  let runs = 0;

  before('make a small data set', async () => {
    ({ connectionString } = azurite.newAccount());
    stores = createStores({ connectionString }, greyPngCodec);
    await stores.blobs.ensureContainers();
    await uploadImages(stores.blobs, 12);
    const { process: makeDataset, split } = createDataActivities(stores.blobs);
    const { dataset } = await makeDataset(DATASET_RUN);
    const request = { runName: DATASET_RUN, gitSha: GIT_SHA, datasetVersion: dataset.version, testRatio: 0.2 };
    ({ version: splitVersion } = (await runActivity(() => split.splitDataset(request))).result);
  });

  /** A run that can be trained, as a worker would do it, with these settings. */
  async function prepare(settings: Readonly<Record<string, string>>, epochs: number) {
    runs += 1;
    const runName = `2026112${runs}T015500Z-0123456`;
    await stores.runs.saveSpec({ runName, gitSha: GIT_SHA, splitVersion, hyperparameters: hyperparametersSchema.parse({ epochs, batchSize: 16 }) });
    const compute = createLocalCompute({
      command: [process.execPath, '--disable-warning=ExperimentalWarning', TRAIN],
      environment: { ...toTrainingEnvironment({ connectionString }), ...settings },
    });

    async function train(onEvent: (event: TrainingEvent) => void = () => undefined, signal = new AbortController().signal): Promise<string[]> {
      const said: string[] = [];
      await compute.run({ runName }, {
        signal,
        onEvent(event) {
          if (event.type === 'log') said.push(event.message);
          onEvent(event);
        },
      });
      return said;
    }

    return { runName, train };
  }

  it('trains although the MLflow server is away, and says so once', async () => {
    const { runName, train } = await prepare({ MLFLOW_TRACKING_URI: 'http://127.0.0.1:1' }, 2);
    const said = await train();
    const warnings = said.filter((line) => line.includes('MLflow'));
    assert.deepEqual(warnings, ["The MLflow server at http://127.0.0.1:1 can't be reached (no connection). This training goes on, and sends what it could not as soon as it can."]);
    assert.equal((await stores.runs.findResult(runName))!.epochs, 2);
    assert.ok((await stores.runs.findLog(runName)).includes(warnings[0]!));
  });

  it('trains although the tracking URI is of a kind that it does not speak', async () => {
    const { runName, train } = await prepare({ MLFLOW_TRACKING_URI: 'file:///mlruns' }, 1);
    const said = await train();
    assert.deepEqual(said.filter((line) => line.includes('MLFLOW')), ["MLFLOW_TRACKING_URI can't be used. It has to begin with http://, https:// or azureml://. This training is not charted there."]);
    assert.equal((await stores.runs.findResult(runName))!.epochs, 1);
  });

  describe('with a real MLflow server', () => {
    const mlflow = useMlflow();

    interface Found {
      readonly info: { readonly run_id: string; readonly status: string };
      readonly data: { readonly tags: readonly { readonly key: string; readonly value: string }[] };
    }

    async function post<T>(path: string, body: unknown): Promise<T> {
      const response = await fetch(`${mlflow.url}/api/2.0/mlflow/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
      return (await response.json()) as T;
    }

    async function readOnlyRun(): Promise<Found> {
      const { experiments } = await post<{ experiments: { experiment_id: string }[] }>('experiments/search', { filter: "name = 'barometer'", max_results: 1 });
      const { runs: found } = await post<{ runs: Found[] }>('runs/search', { experiment_ids: experiments.map(({ experiment_id }) => experiment_id) });
      assert.equal(found.length, 1);
      return found[0]!;
    }

    async function readEpochs({ info }: Found): Promise<number[]> {
      const response = await fetch(`${mlflow.url}/api/2.0/mlflow/metrics/get-history?run_id=${info.run_id}&metric_key=validation_loss`);
      const { metrics } = (await response.json()) as { metrics: { step: number }[] };
      return metrics.map(({ step }) => step);
    }

    it('charts a training that is ended and started again as one run, with every epoch once', async () => {
      const { runName, train } = await prepare({ MLFLOW_TRACKING_URI: mlflow.url }, 4);
      const controller = new AbortController();
      const stopAfterTwo = (event: TrainingEvent) => {
        if (event.type === 'epoch' && event.metrics.epoch === 2) controller.abort(new Error('enough'));
      };
      await assert.rejects(train(stopAfterTwo, controller.signal), /enough/);
      const ended = await readOnlyRun();
      assert.equal(ended.info.status, 'KILLED');
      const before = await readEpochs(ended);
      assert.ok(before.includes(2), `epochs ${before.join(', ')} were charted`);

      await train();
      const run = await readOnlyRun();
      assert.equal(run.info.run_id, ended.info.run_id);
      assert.equal(run.info.status, 'FINISHED');
      assert.deepEqual(await readEpochs(run), [1, 2, 3, 4]);
      const tags = Object.fromEntries(run.data.tags.map(({ key, value }) => [key, value]));
      assert.equal(tags['barometer.run'], runName);
      assert.equal(tags['barometer.dataset'], DATASET_RUN);
      const note = tags['mlflow.note.content']!;
      const account = /BlobEndpoint=([^;]+)/.exec(connectionString)![1]!;
      assert.ok(decodeURIComponent(note).includes(`[curves](${account}/runs/${runKeys.curves(runName)})`), note);
      assert.ok(!note.includes('sig=') && !note.includes('AccountKey'));
    });
  });
});
