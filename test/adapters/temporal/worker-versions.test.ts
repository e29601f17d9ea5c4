import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { GRPC_STATUS } from '../../../adapters/temporal/grpc-status.ts';
import { joinWorkerVersions, listWorkerVersions, promoteWorkerVersion } from '../../../adapters/temporal/worker-versions.ts';
import { isFailure } from '../../../domain/failure.ts';
import { WORKER_DEPLOYMENT } from '../../../domain/names.ts';
import type { TalkativeActivities } from '../../support/talkative-workflow.ts';
import { useTemporal } from '../../support/temporal.ts';
import { until } from '../../support/until.ts';

const LIMIT_MS = 300_000;
const [FIRST, SECOND, THIRD] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];

/** Knows of nothing each time that it is asked something for the first, third, … time, as a server at the moment at which its own workflows go on as new ones. */
function createForgetful({ workflowService }: Connection): Pick<Connection, 'workflowService'> {
  const asked = new Map<string | symbol, number>();
  const forgetful = new Proxy(workflowService, {
    get(target, name: keyof typeof workflowService) {
      const method = target[name] as (request: unknown) => Promise<unknown>;
      return async (request: unknown) => {
        const times = asked.get(name) ?? 0;
        asked.set(name, times + 1);
        if (/WorkerDeployment/.test(name) && times % 2 === 0) throw Object.assign(new Error('Worker Deployment not found'), { code: GRPC_STATUS.notFound, details: 'Worker Deployment not found', metadata: {} });
        return method.call(target, request);
      };
    },
  });
  return { workflowService: forgetful };
}

describe('versions of workers', () => {
  // Servers look every few minutes whether a version still has runs.
  const temporal = useTemporal({
    extraArgs: [
      ...['--dynamic-config-value', 'matching.wv.VersionDrainageStatusVisibilityGracePeriod="1s"'],
      ...['--dynamic-config-value', 'matching.wv.VersionDrainageStatusRefreshInterval="1s"'],
    ],
  });
  const running: { worker: Worker; ended: Promise<void> }[] = [];
  const waiting: (() => void)[] = [];
  let connection: NativeConnection;

  before(async () => {
    connection = await NativeConnection.connect({ address: temporal.env.address });
  });

  after('end the workers', async () => {
    for (const letGo of waiting) letGo();
    for (const { worker, ended } of running) {
      worker.shutdown();
      await ended;
    }
    await connection.close();
  });

  const place = () => ({ connection: temporal.env.connection, namespace: 'default' });

  async function startWorker(buildId: string, taskQueue = 'work'): Promise<void> {
    const activities: TalkativeActivities = {
      say: async () => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return buildId;
      },
      fail: () => Promise.resolve(),
    };
    const worker = await Worker.create({
      connection,
      taskQueue,
      identity: `${taskQueue}-of-${buildId[0]}`,
      activities,
      workflowsPath: fileURLToPath(new URL('../../support/talkative-workflow.ts', import.meta.url)),
      workerDeploymentOptions: { version: { deploymentName: WORKER_DEPLOYMENT, buildId }, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' },
    });
    running.push({ worker, ended: worker.run() });
  }

  async function versionOf(gitSha: string) {
    const { versions } = await listWorkerVersions(place());
    return versions.find((version) => version.gitSha === gitSha);
  }

  const join = (gitSha: string, taskQueue = 'work') => joinWorkerVersions(place(), gitSha, [{ name: taskQueue, type: 'workflow' }, { name: taskQueue, type: 'activity' }], LIMIT_MS);

  const start = (workflowId: string) => temporal.env.client.workflow.start('talkative', { workflowId, taskQueue: 'work', args: ['something'] });

  it('are none before a worker has polled', async () => {
    assert.deepEqual(await listWorkerVersions(place()), { current: null, versions: [] });
    await assert.rejects(promoteWorkerVersion(place(), FIRST), (error) => isFailure(error, 'not-found') && error.message.includes(FIRST));
  });

  it('begin with one that gets the new runs by itself, also when several start together', async () => {
    await Promise.all([startWorker(FIRST), startWorker(SECOND)]);
    const chosen = await Promise.all([join(FIRST), join(SECOND)]);
    assert.equal(chosen[0], chosen[1], 'both know which');
    const { current } = await listWorkerVersions(place());
    assert.equal(current, chosen[0]);
    await promoteWorkerVersion(place(), FIRST);
  });

  it('are promoted by nobody whose workers the server has not noticed', async () => {
    await assert.rejects(joinWorkerVersions(place(), FIRST, [{ name: 'work', type: 'activity' }, { name: 'never-polled', type: 'activity' }], 0), (error) => isFailure(error, 'dependency-unavailable') && error.message.includes(FIRST));
  });

  it('are listed with what they poll, who polls, and since when they are what they are', async () => {
    await until(async () => (await versionOf(FIRST))?.status === 'current' && (await versionOf(SECOND))?.workers.length === 1);
    const { since, ...first } = (await versionOf(FIRST))!;
    assert.deepEqual(first, { gitSha: FIRST, status: 'current', percent: null, taskQueues: ['work'], workers: ['work-of-a'] });
    assert.ok(Math.abs(Date.now() - Date.parse(since!)) < 60_000);
  });

  it('get a share of the new runs, and give it back', async () => {
    await promoteWorkerVersion(place(), SECOND, 30);
    await until(async () => (await versionOf(SECOND))?.status === 'ramping');
    assert.equal((await versionOf(SECOND))!.percent, 30);
    assert.equal((await versionOf(FIRST))!.status, 'current');
    await promoteWorkerVersion(place(), SECOND, 0);
    await until(async () => (await versionOf(SECOND))?.status !== 'ramping');
    await assert.rejects(promoteWorkerVersion(place(), FIRST, 50), (error) => isFailure(error, 'input-invalid'));
  });

  it('are believed to be unknown only when the server says so again and again', async () => {
    const forgetful = { ...place(), connection: createForgetful(temporal.env.connection) };
    const { versions } = await listWorkerVersions(forgetful);
    assert.deepEqual(new Map(versions.map(({ gitSha, taskQueues }) => [gitSha, taskQueues])), new Map([[FIRST, ['work']], [SECOND, ['work']]]));
    await promoteWorkerVersion(forgetful, FIRST);
  });

  it('finish their runs when another one gets the new ones, and are drained then', async () => {
    const old = await start('on-the-first');
    await until(() => waiting.length === 1);
    await promoteWorkerVersion(place(), SECOND);
    await until(async () => (await versionOf(FIRST))?.status === 'draining');
    const fresh = await start('on-the-second');
    await until(() => waiting.length === 2);
    for (const letGo of waiting.splice(0)) letGo();
    assert.equal(await fresh.result(), SECOND);
    assert.equal(await old.result(), FIRST);
    await until(async () => (await versionOf(FIRST))?.status === 'drained');
    assert.deepEqual((await versionOf(FIRST))!.workers, ['work-of-a'], 'it is still there, and may be taken away');
  });

  it('get no runs that nobody of theirs would do some part of', async () => {
    await startWorker(THIRD, 'other-work');
    assert.equal(await join(THIRD, 'other-work'), SECOND, 'a later one leaves the runs where they go');
    await assert.rejects(promoteWorkerVersion(place(), THIRD), (error) => isFailure(error, 'nothing-to-use') && /polls work,/.test(error.message));
  });
});
