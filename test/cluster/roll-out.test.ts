import assert from 'node:assert/strict';
import { ActivityCancellationDetails, CancelledFailure } from '@temporalio/common';
import type { RollOutRequest } from '../../activities/roll-out.ts';
import type { Deployment } from '../../adapters/kubernetes/objects.ts';
import { isFailure } from '../../domain/failure.ts';
import type { ClusterObject } from '../../domain/rollout.ts';
import { FIELD_MANAGER, ROLLOUT_MARKS } from '../../domain/rollout.ts';
import { pushTestImage } from '../support/cluster/test-image.ts';
import { useCluster } from '../support/cluster/use-cluster.ts';
import { useRegistry } from '../support/registry.ts';
import type { ApiBehaviour } from '../support/rollout/api-script.ts';
import { toApiScript } from '../support/rollout/api-script.ts';
import { startLoad } from '../support/rollout/load.ts';
import { useRolloutRig } from '../support/rollout/rollout-rig.ts';
import { createActivityEnvironment } from '../support/run-activity.ts';
import { until } from '../support/until.ts';

const KINDS = ['serviceaccount', 'configmap', 'service', 'deployment'];

describe('a rollout to a real node', () => {
  const registry = useRegistry();
  const testCluster = useCluster({ node: true });
  const rig = useRolloutRig(testCluster);
  let releases = 0;

  /** Another commit, and another run, whose image behaves like that. */
  async function toRelease(behaviour: ApiBehaviour | 'not-there', modelVersion: number): Promise<RollOutRequest> {
    releases += 1;
    const gitSha = releases.toString(16).padStart(40, 'a');
    const image =
      behaviour === 'not-there'
        ? { reference: `${registry.host}/barometer/api:${gitSha}`, digest: `sha256:${'0'.repeat(64)}` }
        : await pushTestImage({ registry: registry.host, tag: gitSha, script: toApiScript(behaviour) });
    return { runName: `20261125T010000Z-${releases.toString(16).padStart(7, 'a')}`, gitSha, modelVersion, image };
  }

  async function readDeployment(): Promise<Deployment> {
    return (await rig.get<Deployment>('deployment'))!;
  }

  async function readAll(): Promise<(ClusterObject | null)[]> {
    return Promise.all(KINDS.map((kind) => rig.get<ClusterObject>(kind)));
  }

  /** Rejects as a rollout does that fell short, and gives the message. */
  async function failToRollOut(...args: Parameters<typeof rig.rollOut>): Promise<string> {
    const error: unknown = await rig.rollOut(...args).then(() => null, (failure: unknown) => failure);
    assert.ok(isFailure(error, 'rollout-failed'), `it ended with ${String(error)}`);
    return error.message;
  }

  function assertRuns(deployment: Deployment, { gitSha, modelVersion, image }: RollOutRequest): void {
    const [container] = deployment.spec.template.spec.containers;
    assert.equal(container!.image, `${image.reference}@${image.digest}`);
    assert.equal(container!.env!.find(({ name }) => name === 'BAROMETER_MODEL_VERSION')!.value, String(modelVersion));
    for (const { metadata } of [deployment, deployment.spec.template]) {
      assert.equal(metadata!.labels![ROLLOUT_MARKS.gitSha], gitSha);
      assert.equal(metadata!.annotations![ROLLOUT_MARKS.gitSha], gitSha);
      assert.equal(metadata!.annotations![ROLLOUT_MARKS.modelVersion], String(modelVersion));
    }
    assert.equal(deployment.status!.updatedReplicas, deployment.status!.replicas);
    assert.equal(deployment.status!.availableReplicas, deployment.spec.replicas ?? 1);
  }

  it('brings a first release in, marks all of it, and asks it for golden predictions', async () => {
    rig.writeOverlay({ replicas: 2 });
    const release = await toRelease('good', 7);
    const { result, notes } = await rig.rollOut(release);
    assert.deepEqual(result, { changed: true, replicas: 2, goldenPredictions: 1 });
    assertRuns(await readDeployment(), release);
    for (const object of await readAll()) {
      assert.equal(object!.metadata.annotations![ROLLOUT_MARKS.runName], release.runName, object!.kind);
      assert.equal(object!.metadata.labels![ROLLOUT_MARKS.runName], release.runName, object!.kind);
      assert.equal(object!.metadata.labels![ROLLOUT_MARKS.gitSha], release.gitSha, object!.kind);
    }
    assert.equal((await readDeployment()).spec.template.metadata!.annotations![ROLLOUT_MARKS.runName], undefined);
    assert.ok(notes.some((note) => /^\d of 2 new pods are ready/.test(note)), notes.join('\n'));
    assert.equal(await rig.get('configmap', 'barometer-worker'), null, 'what is not of the API is left to people');
    const managers = await rig.kubectl('get', 'deployment', 'barometer-api', '--show-managed-fields', '--output', 'jsonpath={.metadata.managedFields[*].manager}');
    assert.ok(managers.split(' ').includes(FIELD_MANAGER));
    assert.equal(await rig.kubectl('get', 'lease', FIELD_MANAGER, '--output', 'jsonpath={.spec.holderIdentity}'), '');
  });

  it('exchanges a release without losing a request', async () => {
    rig.writeOverlay({ replicas: 3 });
    await rig.rollOut(await toRelease('good', 1));
    const next = await toRelease('good', 2);
    const load = startLoad(rig.cluster);
    await until(() => load.requests() > 100);
    await rig.rollOut(next);
    const { requests, failures, versions } = await load.stop();
    assert.deepEqual(failures, []);
    assert.ok(requests > 300, `only ${requests} requests`);
    assert.deepEqual([...versions].sort(), [1, 2]);
    assertRuns(await readDeployment(), next);
  });

  it('leaves the old pods serving, without losing a request, when the image is broken', async () => {
    rig.writeOverlay({ replicas: 2 });
    const first = await toRelease('good', 1);
    await rig.rollOut(first);
    const broken = await toRelease('not-there', 2);
    const load = startLoad(rig.cluster);
    await until(() => load.requests() > 100);
    const message = await failToRollOut(broken);
    const { requests, failures, versions } = await load.stop();
    assert.deepEqual(failures, []);
    assert.ok(requests > 300, `only ${requests} requests`);
    assert.deepEqual([...versions], [1]);
    assert.match(message, new RegExp(`commit ${broken.gitSha} with version 2 .* can't start \\(.*(ImagePullBackOff|ErrImagePull)`));
    assert.match(message, /pod barometer-api-\S+: (ErrImagePull|ImagePullBackOff)/);
    assert.match(message, new RegExp(`What ran before runs again: commit ${first.gitSha} with version 1`));
    assertRuns(await readDeployment(), first);
  });

  it('fails with the reason and the last words of a pod that crashes', async () => {
    const first = await toRelease('good', 1);
    await rig.rollOut(first);
    const message = await failToRollOut(await toRelease('crash', 2));
    assert.match(message, /ended with exit code 3/);
    assert.match(message, /its last log lines:\n\s+reads the model\n\s+the model has no weights\n/);
    assertRuns(await readDeployment(), first);
  });

  it('fails at the deadline, and says why, when a pod never gets ready', async () => {
    const first = await toRelease('good', 1);
    await rig.rollOut(first);
    const message = await failToRollOut(await toRelease('never-ready', 2), { deadlineMs: 8_000 });
    assert.match(message, /were not up after 8 s/);
    assert.match(message, /is not ready\n\s+Unhealthy: Readiness probe failed: .*503/);
    assert.match(message, /listens, with model 2/);
    assertRuns(await readDeployment(), first);
  });

  it('restores what ran before when the new pods answer wrongly', async () => {
    const first = await toRelease('good', 1);
    await rig.rollOut(first);
    const message = await failToRollOut(await toRelease('wrong-answers', 2));
    assert.match(message, /pod barometer-api-\S+ answered otherwise than the model's card says: a probability differs by 0\.10/);
    assertRuns(await readDeployment(), first);
  });

  it('deletes what it made when the very first release falls short', async () => {
    const message = await failToRollOut(await toRelease('crash', 1));
    assert.match(message, /Nothing ran before/);
    assert.deepEqual(await readAll(), KINDS.map(() => null));
  });

  it('changes nothing, but asks, when the release is there already', async () => {
    const release = await toRelease('good', 1);
    await rig.rollOut(release);
    const before = await readAll();
    const { result, notes } = await rig.rollOut({ ...release, runName: '20261125T020000Z-1a2b3c4' });
    assert.deepEqual(result, { changed: false, replicas: 1, goldenPredictions: 1 });
    assert.deepEqual(await readAll(), before);
    assert.ok(!notes.some((note) => note.startsWith('applies')));
  });

  it('rolls out again what somebody has changed by hand', async () => {
    const release = await toRelease('good', 1);
    await rig.rollOut(release);
    await rig.kubectl('patch', 'configmap', 'barometer-api', '--patch', '{"data":{"motto":"be loud"}}');
    const { result } = await rig.rollOut({ ...release, runName: '20261125T020000Z-1a2b3c4' });
    assert.equal(result.changed, true);
    assert.equal(await rig.kubectl('get', 'configmap', 'barometer-api', '--output', 'jsonpath={.data.motto}'), 'be kind');
  });

  it('waits for an API server that is away in the middle', async function () {
    const { apiServer } = testCluster;
    if (apiServer === null) this.skip();
    await rig.rollOut(await toRelease('good', 1));
    const next = await toRelease('good', 2);
    let outage: Promise<void> | undefined;
    const { result, notes } = await rig.rollOut(next, {
      onNote(note) {
        if (/new pods are ready/.test(note)) outage ??= apiServer.stop();
        if (/does not answer/.test(note)) outage = outage!.then(() => apiServer.start());
      },
    });
    await outage;
    assert.ok(notes.some((note) => /does not answer; waiting for it/.test(note)), notes.join('\n'));
    assert.equal(result.changed, true);
    assertRuns(await readDeployment(), next);
  });

  it('restores, after an outage, what ran before', async function () {
    const { apiServer } = testCluster;
    if (apiServer === null) this.skip();
    const first = await toRelease('good', 1);
    await rig.rollOut(first);
    let outage: Promise<void> | undefined;
    const message = await failToRollOut(await toRelease('crash', 2), {
      onNote(note) {
        if (note === 'restores what ran before') outage ??= apiServer.stop().then(() => apiServer.start());
      },
    });
    await outage;
    assert.match(message, /What ran before runs again/);
    assertRuns(await readDeployment(), first);
  });

  it('goes on where a killed worker was', async () => {
    await rig.rollOut(await toRelease('good', 1));
    const next = await toRelease('good', 2);
    await rig.rollOutUntilKilled(next, /new pods are ready/);
    const { result } = await rig.rollOut(next);
    assert.deepEqual(result, { changed: true, replicas: 1, goldenPredictions: 1 });
    assertRuns(await readDeployment(), next);
  });

  it('restores what really ran before when a killed worker had begun', async () => {
    const first = await toRelease('good', 1);
    await rig.rollOut(first);
    const next = await toRelease('crash', 2);
    await rig.rollOutUntilKilled(next, /new pods are ready/);
    const message = await failToRollOut(next);
    assert.match(message, new RegExp(`What ran before runs again: commit ${first.gitSha}`));
    assertRuns(await readDeployment(), first);
  });

  it('leaves off when its worker shuts down, and restores nothing, for another goes on', async () => {
    const first = await toRelease('good', 1);
    await rig.rollOut(first);
    const next = await toRelease('good', 2);
    const environment = createActivityEnvironment();
    const left = rig.rollOut(next, { environment, onNote: (note) => { if (/new pods are ready/.test(note)) environment.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true })); } });
    await assert.rejects(left, CancelledFailure);
    assert.equal((await readDeployment()).metadata.annotations![ROLLOUT_MARKS.gitSha], next.gitSha);
    await rig.rollOut(next);
    assertRuns(await readDeployment(), next);
  });

  it('undoes what it has done when it is cancelled', async () => {
    const first = await toRelease('good', 1);
    await rig.rollOut(first);
    const environment = createActivityEnvironment();
    const cancelled = rig.rollOut(await toRelease('never-ready', 2), { environment, onNote: (note) => { if (/new pods are ready/.test(note)) environment.cancel('CANCELLED', new ActivityCancellationDetails({ cancelRequested: true })); } });
    await assert.rejects(cancelled, CancelledFailure);
    assertRuns(await readDeployment(), first);
  });

  it('lets a second run wait until the first is done', async () => {
    const one = await toRelease('good', 1);
    const other = await toRelease('good', 2);
    const order: string[] = [];
    let later: ReturnType<typeof rig.rollOut> | undefined;
    await rig.rollOut(one, {
      onNote(note) {
        order.push(`first ${note}`);
        later ??= rig.rollOut(other, { onNote: (its) => order.push(`second ${its}`) });
      },
    });
    order.push('first is done');
    const { notes } = await later!;
    assert.ok(notes.includes(`waits for the rollout of commit ${one.gitSha} (run ${one.runName})`), notes.join('\n'));
    const begins = order.findIndex((note) => note.startsWith('second applies'));
    assert.ok(begins > order.findLastIndex((note) => note.startsWith('first ')), order.join('\n'));
    assertRuns(await readDeployment(), other);
  });

  it('takes over from a run that died, when that has been silent for long enough', async () => {
    const dead = await toRelease('never-ready', 1);
    await rig.rollOutUntilKilled(dead, /new pods are ready/);
    const next = await toRelease('good', 2);
    const { notes } = await rig.rollOut(next);
    assert.ok(notes.includes(`waits for the rollout of commit ${dead.gitSha} (run ${dead.runName})`));
    assertRuns(await readDeployment(), next);
  });

  it('stops, and touches nothing more, when its turn was taken from it', async () => {
    const first = await toRelease('good', 1);
    await rig.rollOut(first);
    let isTaken = false;
    const lost = rig.rollOut(await toRelease('never-ready', 2), {
      onNote(note) {
        if (isTaken || !/new pods are ready/.test(note)) return;
        isTaken = true;
        void rig.kubectl('patch', 'lease', FIELD_MANAGER, '--type=merge', '--patch', '{"spec":{"holderIdentity":"somebody/else"}}');
      },
    });
    await assert.rejects(lost, (error) => isFailure(error, 'write-conflict'));
    await until(async () => (await rig.kubectl('get', 'lease', FIELD_MANAGER, '--output', 'jsonpath={.spec.holderIdentity}')) === 'somebody/else');
    assert.notEqual((await readDeployment()).metadata.annotations![ROLLOUT_MARKS.gitSha], first.gitSha);
  });
});
