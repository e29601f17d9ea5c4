import assert from 'node:assert/strict';
import { afterEach } from 'mocha';
import { Failure, isFailure } from '../../../../domain/failure.ts';
import type { TrainingEvent } from '../../../../domain/training.ts';
import type { SiteOptions, TrainingSite } from '../../../support/azure-ml/training-site.ts';
import { DATASET, HANGS_ONCE, openTrainingSite, RUN, SPLIT, toMessages, toTrainingSpec, TRAINS } from '../../../support/azure-ml/training-site.ts';
import { GIT_SHA } from '../../../support/models.ts';
import { until } from '../../../support/until.ts';

const JOB = `barometer-${RUN}`;
const never = new AbortController().signal;

describe('training in Azure ML', () => {
  let site: TrainingSite | null = null;

  async function open(options?: SiteOptions): Promise<TrainingSite> {
    site = await openTrainingSite(options);
    return site;
  }

  afterEach('end the workspace; every request must have kept the contract', async () => {
    const broken = site?.azure.violations() ?? [];
    const left = site?.azure.faults.left() ?? 0;
    await site?.stop();
    site = null;
    assert.deepEqual(broken, []);
    assert.equal(left, 0, 'faults that were planned and did not happen');
  });

  function epochsOf(events: readonly TrainingEvent[]): number[] {
    return events.flatMap((event) => (event.type === 'epoch' ? [event.metrics.epoch] : []));
  }

  it('makes what is missing, runs the program as a job, and hands on what it says', async () => {
    const { azure, train } = await open();
    const { events, error } = await train();
    assert.equal(error, null);
    assert.deepEqual(epochsOf(events), [1, 2, 3, 4, 5]);
    assert.deepEqual(events.filter(({ type }) => type === 'checkpoint').length, 5);
    assert.deepEqual(azure.jobs.all().map(({ name, status }) => ({ name, status })), [{ name: JOB, status: 'Completed' }]);

    const { properties } = azure.jobs.find(JOB)!;
    assert.equal(properties.command, `cd "$BAROMETER_HOME" && exec node workers/train.ts --run ${RUN}`);
    assert.deepEqual(properties.tags, { run: RUN, 'git-sha': GIT_SHA, 'dataset-version': RUN, 'split-version': SPLIT.version });
    assert.deepEqual(properties.environmentVariables, { BAROMETER_HOME: '/app', BAROMETER_STORAGE_ACCOUNT_URL: 'https://moods.blob.core.windows.net' });
    assert.equal(properties.limits?.timeout, 'PT43200S');
  });

  it('registers environment, datastores and data with the git-sha and their versions', async () => {
    const { azure, train } = await open();
    await train();
    const [environment] = azure.state.list('environments');
    const { image, tags } = azure.state.readAsset('environments', environment!)!['properties'] as { image: string; tags: object };
    assert.equal(image, `ghcr.io/acme/barometer/trainer:${GIT_SHA}`);
    assert.deepEqual(tags, { 'git-sha': GIT_SHA });
    assert.deepEqual(azure.state.list('datastores'), ['barometer_emotions', 'barometer_processed']);
    const names = azure.state.list('data').map((key) => key.split(':')[0]);
    assert.deepEqual(names, ['barometer-processed', 'barometer-raw-angry', 'barometer-raw-fearful', 'barometer-raw-happy', 'barometer-raw-sad', 'barometer-test', 'barometer-train']);
    for (const key of azure.state.list('data')) {
      const asset = azure.state.readAsset('data', key)!['properties'] as { dataUri: string; tags: Record<string, string> };
      assert.equal(asset.tags['git-sha'], GIT_SHA);
      assert.equal(asset.tags['dataset-version'], DATASET.version);
      assert.match(asset.dataUri, /\/datastores\/barometer_(emotions|processed)\/paths\/\w/);
    }
  });

  it('says what it waits for: the queue and the nodes', async () => {
    const { train } = await open();
    const messages = toMessages((await train()).events);
    assert.ok(messages.some((message) => message.startsWith('made the cluster barometer-cpu: 0 to 4 nodes of Standard_F4s_v2')), messages.join('\n'));
    assert.ok(messages.some((message) => message === 'queued, 0 of 4 nodes up, 1 starting'), messages.join('\n'));
  });

  it('gives no secret to a job', async () => {
    const { azure, train } = await open();
    await train();
    assert.doesNotMatch(JSON.stringify(azure.requests.map(({ body }) => body)), /AccountKey|SharedAccess|sig=|secret/i);
  });

  it('makes nothing twice, and returns at once, when it is run again after its success', async () => {
    const { azure, train } = await open();
    await train();
    const before = azure.requests.length;
    assert.equal((await train()).error, null);
    assert.deepEqual(azure.requests.slice(before).map(({ operation }) => operation).filter((operation) => operation.startsWith('write')), []);
    assert.equal(azure.jobs.all().length, 1);
  });

  it('trains four candidates side by side on four nodes, and gives the nodes back', async () => {
    const { azure, train } = await open({ settings: { idleSeconds: 30 } });
    const trainings = await Promise.all(['c1', 'c2', 'c3', 'c4'].map((candidate) => train(toTrainingSpec(candidate))));
    for (const { events, error } of trainings) {
      assert.equal(error, null);
      assert.deepEqual(epochsOf(events), [1, 2, 3, 4, 5]);
    }
    assert.deepEqual(azure.jobs.all().map(({ name, starts }) => ({ name, starts })).sort((a, b) => (a.name < b.name ? -1 : 1)), ['c1', 'c2', 'c3', 'c4'].map((candidate) => ({ name: `${JOB}-${candidate}`, starts: 1 })));
    assert.equal(Math.max(...azure.nodeHistory), 4);
    await until(() => azure.nodeHistory.at(-1) === 0);
  });

  it('makes a fifth candidate wait for a node', async () => {
    const { azure, train } = await open();
    const trainings = await Promise.all(['c1', 'c2', 'c3', 'c4', 'c5'].map((candidate) => train(toTrainingSpec(candidate))));
    assert.ok(trainings.every(({ error }) => error === null));
    assert.equal(Math.max(...azure.nodeHistory), 4);
  });

  describe('when something gets lost', () => {
    it('submits one job when the answer to the submission is lost', async () => {
      const { azure, train } = await open();
      azure.faults.plan('writeJob', 'lose the answer');
      const { error } = await train();
      assert.equal(error, null);
      assert.deepEqual(azure.jobs.all().map(({ name, starts }) => ({ name, starts })), [{ name: JOB, starts: 1 }]);
    });

    it('finds the job when every answer to the submission is lost', async () => {
      const { azure, train } = await open();
      azure.faults.plan('writeJob', 'lose the answer', 5);
      assert.equal((await train()).error, null);
      assert.equal(azure.jobs.all().length, 1);
    });

    it('makes one cluster, and waits for it, when the answer to its creation is lost', async () => {
      const { azure, train } = await open();
      azure.faults.plan('writeCompute', 'lose the answer');
      assert.equal((await train()).error, null);
    });

    it('goes on looking when a request is lost on its way', async () => {
      const { azure, train } = await open();
      azure.faults.plan('readJob', 'lose the request', 2);
      assert.equal((await train()).error, null);
    });

    it('follows the job that is there when the worker before it was killed', async () => {
      const { azure, train, newCompute } = await open({ program: HANGS_ONCE.replace('600_000', '1_500') });
      const abandoned = new AbortController();
      const first = newCompute().run(toTrainingSpec(), { onEvent: () => undefined, signal: abandoned.signal, isWanted: () => true }).catch(() => null);
      await until(() => azure.jobs.find(JOB)?.status === 'Running');
      // What a killed process leaves behind: a job that nobody looks at.
      abandoned.abort();
      await first;
      const { events, error } = await train();
      assert.equal(error, null);
      assert.deepEqual(azure.jobs.all().map(({ name, starts }) => ({ name, starts })), [{ name: JOB, starts: 1 }]);
      assert.ok(toMessages(events).includes(`follows the Azure ML job ${JOB}, which is there already`));
      assert.ok(epochsOf(events).includes(1), 'what was said before is told again');
    });

    it('submits one job when two workers think that it is theirs', async () => {
      const { azure, newCompute } = await open();
      const options = { onEvent: () => undefined, signal: never, isWanted: () => true };
      await Promise.all([newCompute().run(toTrainingSpec(), options), newCompute().run(toTrainingSpec(), options)]);
      assert.deepEqual(azure.jobs.all().map(({ name, starts }) => ({ name, starts })), [{ name: JOB, starts: 1 }]);
    });
  });

  it('waits as long as it is told to when requests are too many', async () => {
    const { azure, train } = await open();
    azure.faults.plan('readEnvironment', { throttle: 1 });
    const startedAt = performance.now();
    assert.equal((await train()).error, null);
    assert.ok(performance.now() - startedAt >= 1000);
  });

  describe('when a node is taken back', () => {
    it('follows the same job into the queue and to its end, on from the last checkpoint', async () => {
      const { azure, train } = await open({ program: HANGS_ONCE });
      const running = train();
      await until(async () => (await site!.diary.findEvents(RUN)).some(({ event }) => event.type === 'checkpoint'));
      azure.jobs.preempt(JOB);
      const { events, error } = await running;
      assert.equal(error, null);
      assert.deepEqual(azure.jobs.all().map(({ name, starts }) => ({ name, starts })), [{ name: JOB, starts: 2 }]);
      assert.deepEqual(events.flatMap((event) => (event.type === 'started' ? [event.resumedFromEpoch] : [])), [0, 1]);
      assert.deepEqual(epochsOf(events), [1, 2, 3, 4, 5]);
    });

    it('counts a job that Azure ML gives up then as interrupted, and gives the next attempt a job of its own', async () => {
      const { azure, train } = await open({ program: HANGS_ONCE });
      const running = train();
      await until(async () => (await site!.diary.findEvents(RUN)).some(({ event }) => event.type === 'checkpoint'));
      azure.jobs.preempt(JOB, { isRequeued: false });
      assert.ok(isFailure((await running).error, 'training-interrupted'));

      const { events, error } = await train();
      assert.equal(error, null);
      assert.deepEqual(azure.jobs.all().map(({ name, status }) => ({ name, status })), [{ name: JOB, status: 'Failed' }, { name: `${JOB}-2`, status: 'Completed' }]);
      assert.deepEqual(epochsOf(events), [1, 2, 3, 4, 5]);
    });
  });

  describe('when it is aborted', () => {
    async function startAndAbort(isWanted: boolean, settings?: SiteOptions['settings']) {
      const opened = await open({ program: HANGS_ONCE, ...(settings && { settings }) });
      const controller = new AbortController();
      const reason = new Failure('not-found', 'aborted');
      const running = opened.train(undefined, { signal: controller.signal, isWanted: () => isWanted });
      await until(() => opened.azure.jobs.find(JOB)?.status === 'Running');
      controller.abort(reason);
      const { error } = await running;
      assert.equal(error, reason);
      return opened.azure.jobs.find(JOB)!;
    }

    it('cancels the job and waits until it has ended, when nobody wants it any more', async () => {
      assert.equal((await startAndAbort(false)).status, 'Canceled');
    });

    it('leaves the job to the next attempt, when that wants it', async () => {
      assert.equal((await startAndAbort(true)).status, 'Running');
    });

    it('cancels a job that is still in the queue', async () => {
      const { azure, train } = await open();
      azure.setQuota(0);
      const controller = new AbortController();
      const running = train(undefined, { signal: controller.signal });
      await until(() => azure.jobs.find(JOB)?.status === 'Queued');
      controller.abort();
      await running;
      assert.equal(azure.jobs.find(JOB)!.status, 'Canceled');
    });

    it('submits nothing when it is aborted before', async () => {
      const { azure, train } = await open();
      const { error } = await train(undefined, { signal: AbortSignal.abort(new Failure('not-found', 'Too late.')) });
      assert.ok(isFailure(error, 'not-found'));
      assert.deepEqual(azure.jobs.all(), []);
    });

    it('submits nothing when it is aborted while the cluster is made', async () => {
      const { azure, train } = await open();
      const controller = new AbortController();
      const { error } = await train(undefined, { signal: controller.signal, onEvent: () => controller.abort() });
      assert.equal((error as Error).name, 'AbortError');
      assert.deepEqual(azure.jobs.all(), []);
    });
  });

  it('ends a job that no attempt looks after, and nothing where there is none', async () => {
    const { azure, compute, newCompute } = await open({ program: HANGS_ONCE });
    await compute.end(toTrainingSpec());
    const abandoned = new AbortController();
    const first = newCompute().run(toTrainingSpec(), { onEvent: () => undefined, signal: abandoned.signal, isWanted: () => true }).catch(() => null);
    await until(() => azure.jobs.find(JOB)?.status === 'Running');
    abandoned.abort();
    await first;
    await compute.end(toTrainingSpec());
    assert.equal(azure.jobs.find(JOB)!.status, 'Canceled');
  });

  describe('when the job fails', () => {
    it('fails as the program says that it failed, with the last lines of its log, and does not submit it again', async () => {
      const { azure, train } = await open({
        program: `
        for (let line = 1; line <= 9; line += 1) log('line ' + line);
        say({ type: 'failed', kind: 'training-failed', message: 'The loss is not a number.' });
        process.exitCode = 1;`,
      });
      for (const { error } of [await train(), await train()]) {
        assert.ok(isFailure(error, 'training-failed'));
        assert.equal(error.message, `The loss is not a number. (Azure ML job ${JOB}.) Its last words: line 5 / line 6 / line 7 / line 8 / line 9`);
      }
      assert.equal(azure.jobs.all().length, 1);
    });

    it('says where to look when the program never said a word', async () => {
      const { train } = await open({ program: 'process.exit(3);' });
      const { error } = await train();
      assert.ok(isFailure(error, 'training-interrupted'));
      assert.match(error.message, /"Storage Blob Data Contributor".* See https:\/\/ml\.azure\.com\/runs\//);
    });

    it('does not take an earlier job’s reason for its own', async () => {
      const { azure, train } = await open({
        program: `
        if (existsSync(file('second'))) process.exit(3);
        writeFileSync(file('second'), '');
        say({ type: 'failed', kind: 'dependency-unavailable', message: 'No storage.' });
        process.exitCode = 1;`,
      });
      assert.ok(isFailure((await train()).error, 'dependency-unavailable'));
      assert.ok(isFailure((await train()).error, 'training-interrupted'));
      assert.equal(azure.jobs.all().length, 2);
    });

    it('does not start again what a person cancelled', async () => {
      const { azure, train } = await open({ program: HANGS_ONCE });
      const running = train();
      await until(async () => (await site!.diary.findEvents(RUN)).length > 0);
      azure.jobs.cancel(JOB);
      const { error } = await running;
      assert.ok(isFailure(error, 'training-failed'));
      assert.match(error.message, /was cancelled in the workspace/);
      assert.equal(error.retryable, false);
    });
  });

  describe('when it is not allowed', () => {
    it('names the role that makes clusters', async () => {
      const { azure, train } = await open();
      azure.deny('writeCompute');
      const { error } = await train();
      assert.ok(isFailure(error, 'access-denied'));
      assert.match(error.message, /the cluster barometer-cpu.*"AzureML Compute Operator"/);
      assert.deepEqual(azure.jobs.all(), []);
    });

    it('names the role that submits jobs', async () => {
      const { azure, train } = await open();
      azure.deny('writeJob');
      const { error } = await train();
      assert.ok(isFailure(error, 'access-denied'));
      assert.match(error.message, /"AzureML Data Scientist"/);
    });

    it('names the settings when there is no such workspace', async () => {
      const { train } = await open({ settings: { workspace: 'elsewhere' } });
      const { error } = await train();
      assert.ok(isFailure(error, 'configuration-invalid'));
      assert.match(error.message, /BAROMETER_AZURE_SUBSCRIPTION, BAROMETER_AZURE_RESOURCE_GROUP and BAROMETER_AZURE_ML_WORKSPACE/);
    });
  });

  describe('when there is no room', () => {
    it('says that the quota is used up while it waits, then gives up and leaves no job behind', async () => {
      const { azure, train } = await open({ settings: { queueTimeoutMs: 300 } });
      azure.setQuota(0);
      const { events, error } = await train();
      assert.ok(isFailure(error, 'capacity-missing'));
      assert.equal(error.retryable, false);
      assert.match(error.message, /quota for Standard_F4s_v2 is used up/);
      assert.ok(toMessages(events).some((message) => /queued, 0 of 4 nodes up; the quota keeps the cluster from growing/.test(message)));
      assert.equal(azure.jobs.find(JOB)!.status, 'Canceled');
    });

    it('says so at once when the quota does not allow the cluster', async () => {
      const { azure, train } = await open();
      azure.faults.plan('writeCompute', { refuse: { status: 400, code: 'ClusterMinNodesExceedCoreQuota' } });
      const { error } = await train();
      assert.ok(isFailure(error, 'capacity-missing'));
    });

    it('uses the nodes that the quota leaves', async () => {
      const { azure, train } = await open({ program: TRAINS });
      azure.setQuota(1);
      const trainings = await Promise.all(['c1', 'c2'].map((candidate) => train(toTrainingSpec(candidate))));
      assert.ok(trainings.every(({ error }) => error === null));
      assert.equal(Math.max(...azure.nodeHistory), 1);
    });
  });
});
