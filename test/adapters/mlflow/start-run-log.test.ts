import assert from 'node:assert/strict';
import { startRunLog } from '../../../adapters/mlflow/start-run-log.ts';
import type { TrackedTraining } from '../../../adapters/mlflow/tracked-training.ts';
import type { MlflowConfig } from '../../../config/mlflow.ts';
import type { EpochMetrics } from '../../../domain/training.ts';
import { useMlflow } from '../../support/mlflow.ts';
import { toEpochMetrics, toEpochs, toStarted, toTraining } from '../../support/trainings.ts';
import { until } from '../../support/until.ts';

interface MlflowRun {
  readonly info: { readonly run_id: string; readonly run_name: string; readonly status: string; readonly end_time?: number };
  readonly data: { readonly params?: readonly Pair[]; readonly tags?: readonly Pair[]; readonly metrics?: readonly { readonly key: string }[] };
}
type Pair = { readonly key: string; readonly value: string };

describe('a training on a real MLflow server', () => {
  const mlflow = useMlflow();
  let experiments = 0;

  /** Settings with an experiment of their own, and whatever the server is asked for beside our own code. */
  function setUp(changes: Partial<MlflowConfig> = {}) {
    experiments += 1;
    const config: MlflowConfig = { trackingUri: mlflow.url, experimentName: `experiment ${experiments}`, runId: null, token: null, basic: null, ...changes };
    const said: string[] = [];

    function start(training: TrackedTraining, earlier: readonly EpochMetrics[] = []) {
      const getEntraToken = () => Promise.reject(new Error('no Azure here'));
      return startRunLog({ config, training, earlier, getEntraToken, say: (message) => said.push(message) });
    }

    async function ask<T>(path: string, body?: unknown): Promise<T> {
      const response = await fetch(`${mlflow.url}/api/2.0/mlflow/${path}`, body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
      assert.equal(response.status, 200, `${path} answers ${response.status}`);
      return (await response.json()) as T;
    }

    async function readRuns(): Promise<readonly MlflowRun[]> {
      const { experiment } = await ask<{ experiment: { experiment_id: string } }>(`experiments/get-by-name?experiment_name=${encodeURIComponent(config.experimentName)}`);
      const { runs } = await ask<{ runs?: MlflowRun[] }>('runs/search', { experiment_ids: [experiment.experiment_id] });
      return runs ?? [];
    }

    async function readOnlyRun(): Promise<MlflowRun> {
      const runs = await readRuns();
      assert.equal(runs.length, 1);
      return runs[0]!;
    }

    async function readSteps({ info }: MlflowRun, key: string): Promise<[step: number, value: number][]> {
      const { metrics } = await ask<{ metrics?: { step: number; value: number }[] }>(`metrics/get-history?run_id=${info.run_id}&metric_key=${key}`);
      return (metrics ?? []).map(({ step, value }): [number, number] => [step, value]).sort(([a], [b]) => a - b);
    }

    return { start, said, ask, readRuns, readOnlyRun, readSteps };
  }

  function toObject(pairs: readonly Pair[] = []): Record<string, string> {
    return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
  }

  it('is a run of the experiment, with its hyperparameters, its origin and links to its files', async () => {
    const { start, readOnlyRun, said } = setUp();
    const training = toTraining();
    const { spec } = training;
    await start(training).close('FINISHED');
    const { info, data } = await readOnlyRun();
    assert.equal(info.run_name, spec.runName);
    const { seed, epochs, batchSize, learningRate } = toObject(data.params);
    assert.deepEqual({ seed, epochs, batchSize, learningRate }, { seed: '7', epochs: '12', batchSize: '64', learningRate: '0.002' });
    assert.deepEqual(Object.keys(toObject(data.params)).sort(), [...Object.keys(spec.hyperparameters), 'split'].sort());
    assert.equal(toObject(data.params)['split'], spec.splitVersion);
    const tags = toObject(data.tags);
    assert.equal(tags['barometer.run'], spec.runName);
    assert.equal(tags['barometer.git-sha'], spec.gitSha);
    assert.equal(tags['mlflow.source.git.commit'], spec.gitSha);
    assert.equal(tags['barometer.dataset'], training.datasetVersion);
    assert.equal(tags['barometer.split'], spec.splitVersion);
    assert.ok(tags['mlflow.note.content']!.includes(`[curves](${training.artifacts[0]!.url})`));
    assert.deepEqual(said, []);
  });

  it('has the figures of every epoch, at the epoch as their step', async () => {
    const { start, readOnlyRun, readSteps } = setUp();
    const log = start(toTraining());
    for (const event of [toStarted(), ...toEpochs(1, 3)]) log.write(event);
    await log.close('FINISHED');
    const run = await readOnlyRun();
    const figures = {
      loss: 'loss',
      accuracy: 'accuracy',
      validation_loss: 'validationLoss',
      validation_accuracy: 'validationAccuracy',
      learning_rate: 'learningRate',
      images_per_second: 'imagesPerSecond',
    } as const;
    for (const [key, name] of Object.entries(figures)) {
      assert.deepEqual(await readSteps(run, key), [1, 2, 3].map((epoch) => [epoch, toEpochMetrics(epoch)[name]]), key);
    }
    assert.deepEqual(run.data.metrics!.map(({ key }) => key).sort(), Object.keys(figures).sort());
  });

  it('shows an epoch while training goes on', async () => {
    const { start, readRuns, readOnlyRun, readSteps, ask } = setUp();
    await ask('experiments/create', { name: `experiment ${experiments}` });
    const log = start(toTraining());
    for (const event of [toStarted(), ...toEpochs(1, 1)]) log.write(event);
    await until(async () => (await readRuns()).some(({ data }) => data.metrics?.length === 6));
    const run = await readOnlyRun();
    assert.equal(run.info.status, 'RUNNING');
    assert.deepEqual(await readSteps(run, 'loss'), [[1, 1]]);
    log.write(toEpochs(2, 2)[0]!);
    await until(async () => (await readSteps(run, 'images_per_second')).length === 2);
    await log.close('FINISHED');
  });

  for (const end of ['FINISHED', 'FAILED', 'KILLED'] as const) {
    it(`ends as ${end}`, async () => {
      const { start, readOnlyRun } = setUp();
      await start(toTraining()).close(end);
      const { info } = await readOnlyRun();
      assert.equal(info.status, end);
      assert.ok(info.end_time! > 0);
    });
  }

  it('goes on in the same run after a restart, and no epoch is there twice', async () => {
    const { start, readOnlyRun, readSteps } = setUp();
    const training = toTraining();
    const first = start(training);
    for (const event of [toStarted(), ...toEpochs(1, 3)]) first.write(event);
    await first.close('KILLED');
    // Its last checkpoint was after the second epoch: the third is trained again.
    const second = start(training, [1, 2, 3].map(toEpochMetrics));
    for (const event of [toStarted(2), ...toEpochs(3, 5)]) second.write(event);
    await second.close('FINISHED');
    const run = await readOnlyRun();
    assert.equal(run.info.status, 'FINISHED');
    for (const key of ['loss', 'images_per_second']) assert.deepEqual((await readSteps(run, key)).map(([step]) => step), [1, 2, 3, 4, 5]);
  });

  it('runs again when an attempt follows one that had failed', async () => {
    const { start, readOnlyRun } = setUp();
    const training = toTraining();
    await start(training).close('FAILED');
    const log = start(training);
    await until(async () => (await readOnlyRun()).info.status === 'RUNNING');
    await log.close('FINISHED');
    assert.equal((await readOnlyRun()).info.status, 'FINISHED');
  });

  it('gets the epochs of an earlier attempt that the server has missed', async () => {
    const { start, readOnlyRun, readSteps } = setUp();
    const log = start(toTraining(), [1, 2, 3, 4].map(toEpochMetrics));
    for (const event of [toStarted(3), ...toEpochs(4, 5)]) log.write(event);
    await log.close('FINISHED');
    assert.deepEqual((await readSteps(await readOnlyRun(), 'accuracy')).map(([step]) => step), [1, 2, 3, 4, 5]);
  });

  it('takes more epochs than fit into one request', async () => {
    const { start, readOnlyRun, readSteps } = setUp();
    const log = start(toTraining());
    for (const event of [toStarted(), ...toEpochs(1, 400)]) log.write(event);
    await log.close('FINISHED');
    assert.equal((await readSteps(await readOnlyRun(), 'loss')).length, 400);
  });

  it('is beside other trainings of the experiment, each in a run of its own', async () => {
    const { start, readRuns, said } = setUp();
    await Promise.all([toTraining(), toTraining(), toTraining()].map((training) => start(training).close('FINISHED')));
    const runs = await readRuns();
    assert.equal(new Set(runs.map(({ info }) => info.run_name)).size, 3);
    assert.deepEqual(runs.map(({ info }) => info.status), ['FINISHED', 'FINISHED', 'FINISHED']);
    assert.deepEqual(said, []);
  });

  it('goes into the run that the settings name', async () => {
    const { ask } = setUp();
    const { experiment_id } = await ask<{ experiment_id: string }>('experiments/create', { name: 'of somebody else' });
    const { run } = await ask<{ run: MlflowRun }>('runs/create', { experiment_id, run_name: 'job', start_time: 1 });
    const { start, readSteps, said } = setUp({ runId: run.info.run_id });
    const log = start(toTraining());
    for (const event of [toStarted(), ...toEpochs(1, 2)]) log.write(event);
    await log.close('FINISHED');
    assert.deepEqual((await readSteps(run, 'loss')).length, 2);
    const after = await ask<{ run: MlflowRun }>(`runs/get?run_id=${run.info.run_id}`);
    assert.equal(after.run.info.status, 'FINISHED');
    assert.deepEqual(said, []);
  });

  it('says once that the named run is not there, and ends at once', async () => {
    const { start, said } = setUp({ runId: 'f'.repeat(32) });
    const log = start(toTraining());
    for (const event of [toStarted(), ...toEpochs(1, 2)]) log.write(event);
    await log.close('FINISHED');
    assert.equal(said.length, 1);
    assert.match(said[0]!, /does not know what was asked for \(404 RESOURCE_DOES_NOT_EXIST\)\. This training goes on, and is not charted there\.$/);
  });
});
