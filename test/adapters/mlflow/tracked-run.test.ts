import assert from 'node:assert/strict';
import { z } from 'zod';
import type { RestClient } from '../../../adapters/mlflow/rest-client.ts';
import { createRestClient } from '../../../adapters/mlflow/rest-client.ts';
import type { OpenRunOptions } from '../../../adapters/mlflow/tracked-run.ts';
import { openTrackedRun } from '../../../adapters/mlflow/tracked-run.ts';
import { Failure, isFailure } from '../../../domain/failure.ts';
import { useMlflow } from '../../support/mlflow.ts';
import { toEpochMetrics, toTraining } from '../../support/trainings.ts';

const { signal } = new AbortController();
const runSchema = z.object({ run: z.object({ info: z.object({ run_id: z.string(), status: z.string() }), data: z.object({ tags: z.array(z.object({ key: z.string() })).default([]) }) }) });

describe('the MLflow run of a training', () => {
  const mlflow = useMlflow();
  let experiments = 0;

  function setUp() {
    experiments += 1;
    const experimentName = `runs ${experiments}`;
    const client = createRestClient({ baseUrl: mlflow.url, credentials: [() => Promise.resolve(null)], timeoutMs: 10_000 });
    const training = toTraining();
    const open = (changes: Partial<OpenRunOptions> = {}) => openTrackedRun({ client, experimentName, runId: null, isJob: false, training, signal, ...changes });

    async function findRunIds(): Promise<string[]> {
      const { experiment } = await client.get(z.object({ experiment: z.object({ experiment_id: z.string() }) }), 'experiments/get-by-name', { experiment_name: experimentName }, signal);
      const runs = z.object({ runs: z.array(z.object({ info: z.object({ run_id: z.string() }) })).default([]) });
      return (await client.post(runs, 'runs/search', { experiment_ids: [experiment.experiment_id] }, signal)).runs.map(({ info }) => info.run_id);
    }

    async function createJob(): Promise<string> {
      const { experiment_id } = await client.post(z.object({ experiment_id: z.string() }), 'experiments/create', { name: experimentName }, signal);
      return (await client.post(runSchema, 'runs/create', { experiment_id, start_time: 1 }, signal)).run.info.run_id;
    }

    const read = async (run_id: string) => (await client.get(runSchema, 'runs/get', { run_id }, signal)).run;
    return { client, open, findRunIds, createJob, read };
  }

  /** Acts, and then loses the first answer to such a request. */
  function losing(client: RestClient, isLostAt: (path: string, body: unknown) => boolean): RestClient {
    let isLost = false;
    return {
      ...client,
      async post(answer, path, body, requestSignal) {
        const given = await client.post(answer, path, body, requestSignal);
        if (isLost || !isLostAt(path, body)) return given;
        isLost = true;
        throw new Failure('dependency-unavailable', 'The answer was lost.');
      },
    };
  }

  for (const path of ['experiments/create', 'runs/create', 'runs/log-batch']) {
    it(`is one run, although the answer to ${path} was lost`, async () => {
      const { client, open, findRunIds } = setUp();
      const unreliable = losing(client, (each) => each === path);
      await assert.rejects(open({ client: unreliable }), (error) => isFailure(error, 'dependency-unavailable'));
      await open({ client: unreliable });
      assert.equal((await findRunIds()).length, 1);
    });
  }

  it('has an epoch once, although the answer to it was lost', async () => {
    const { client, open, findRunIds } = setUp();
    const run = await open({ client: losing(client, (_, body) => JSON.stringify(body).includes('"metrics"')) });
    const [run_id] = await findRunIds();
    const point = { metrics: toEpochMetrics(1), atMs: 1_000 };
    await assert.rejects(run.logEpochs([point], signal), (error) => isFailure(error, 'dependency-unavailable'));
    await run.logEpochs([point], signal);
    const { metrics } = await client.get(z.object({ metrics: z.array(z.object({ step: z.number() })) }), 'metrics/get-history', { run_id: run_id!, metric_key: 'loss' }, signal);
    assert.deepEqual(metrics.map(({ step }) => step), [1]);
  });

  it("leaves the status of a job's run to the service", async () => {
    const { open, createJob, read } = setUp();
    const runId = await createJob();
    const run = await open({ runId, isJob: true });
    await run.logEpochs([{ metrics: toEpochMetrics(1), atMs: 1_000 }], signal);
    await run.end('FAILED', signal);
    const { info, data } = await read(runId);
    assert.equal(info.status, 'RUNNING');
    assert.ok(data.tags.some(({ key }) => key === 'barometer.run'));
  });

  it('does without a description where the server takes none', async () => {
    const { client, open, findRunIds } = setUp();
    const plain: RestClient = {
      ...client,
      post: (answer, path, body, requestSignal) =>
        JSON.stringify(body).includes('mlflow.note.content') ? Promise.reject(new Failure('input-invalid', 'No such tag.')) : client.post(answer, path, body, requestSignal),
    };
    const run = await open({ client: plain });
    await run.end('FINISHED', signal);
    assert.equal((await findRunIds()).length, 1);
  });
});
