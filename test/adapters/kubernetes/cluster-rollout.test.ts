import assert from 'node:assert/strict';
import type { ClusterRollout } from '../../../adapters/kubernetes/cluster-rollout.ts';
import { createClusterRollout } from '../../../adapters/kubernetes/cluster-rollout.ts';
import type { Deployment } from '../../../adapters/kubernetes/objects.ts';
import { pickApiObjects, pinRelease } from '../../../adapters/kubernetes/api-manifests.ts';
import { isFailure } from '../../../domain/failure.ts';
import type { BeforeRollout, ClusterObject } from '../../../domain/rollout.ts';
import { useCluster } from '../../support/cluster/use-cluster.ts';
import type { OverlayOptions } from '../../support/rollout/api-overlay.ts';
import { toObjects } from '../../support/rollout/api-overlay.ts';
import { usePlayedKubelet } from '../../support/rollout/played-kubelet.ts';
import { PACE } from '../../support/rollout/roll-out-activities.ts';
import { useNamespace } from '../../support/rollout/use-namespace.ts';

const turn = { lost: new AbortController().signal, confirm: () => Promise.resolve() };

describe('the steps of a rollout in a cluster', () => {
  const testCluster = useCluster();
  const its = useNamespace(testCluster);
  const playKubelet = usePlayedKubelet();
  const notes: string[] = [];
  const watch = { signal: new AbortController().signal, onProgress: (note: string) => notes.push(note) };

  function toRollout(deadlineMs = 20_000): ClusterRollout {
    return createClusterRollout(its.cluster, { deadlineMs, pace: PACE });
  }

  function toRelease(number: number, overlay: Partial<OverlayOptions> = {}): ClusterObject[] {
    const objects = pickApiObjects(toObjects({ namespace: its.namespace, ...overlay }) as ClusterObject[], its.namespace);
    const image = { reference: `registry.invalid/api:${number}`, digest: `sha256:${String(number).repeat(64)}` };
    return pinRelease(objects, { gitSha: String(number).repeat(40), modelVersion: number, image }, `run-${number}`);
  }

  /** Brings it in, and gives what was there before. */
  async function bring(number: number, overlay: Partial<OverlayOptions> = {}): Promise<BeforeRollout> {
    const objects = toRelease(number, overlay);
    const live = await toRollout().readLive(objects, watch);
    await toRollout().apply(objects, live, turn, watch);
    return live;
  }

  async function readReplicas(): Promise<number | undefined> {
    return (await its.get<Deployment>('deployment'))!.spec.replicas;
  }

  function isThere(number: number, overlay: Partial<OverlayOptions> = {}): Promise<boolean> {
    const objects = toRelease(number, overlay);
    return toRollout().readLive(objects, watch).then((live) => toRollout().isThere(objects, live, watch));
  }

  it('knows whether a release is there, down to a value that somebody has changed', async () => {
    playKubelet(its.cluster, () => 'ready');
    assert.equal(await isThere(1), false);
    await bring(1);
    await toRollout().waitUntilUp(watch);
    assert.equal(await isThere(1), true);
    assert.equal(await isThere(2), false);
    assert.equal(await isThere(1, { motto: 'be loud' }), false);
    await its.kubectl('set', 'env', 'deployment/barometer-api', 'BAROMETER_MODEL_VERSION=9');
    assert.equal(await isThere(1), false);
  });

  it('does not take a release for there whose pods are not up', async () => {
    await bring(1);
    assert.equal(await isThere(1), false);
  });

  it('changes nothing by asking, and refuses what the cluster would refuse before anything is touched', async () => {
    const [first, ...rest] = toRelease(1);
    const broken = { ...first!, automountServiceAccountToken: 'perhaps' };
    const objects = [...rest, broken];
    const live = await toRollout().readLive(objects, watch);
    await assert.rejects(toRollout().isThere(objects, live, watch), (error) => isFailure(error, 'configuration-invalid') && error.message.includes('ServiceAccount barometer-api'));
    assert.deepEqual(await toRollout().readLive(objects, watch), live);
  });

  it('takes away what the next release does not say any more, and brings it back', async () => {
    playKubelet(its.cluster, () => 'ready');
    await bring(1);
    await toRollout().waitUntilUp(watch);
    await its.kubectl('patch', 'configmap', 'barometer-api', '--patch', '{"data":{"of":"somebody"}}');
    const objects = toRelease(2).map((object) => (object.kind === 'ConfigMap' ? { ...object, data: { other: 'value' } } : object));
    const before = await toRollout().readLive(objects, watch);
    await toRollout().apply(objects, before, turn, watch);
    assert.deepEqual((await its.get<ClusterObject>('configmap'))!['data'], { other: 'value', of: 'somebody' });
    await toRollout().restore(before, 'run-2', turn, watch);
    assert.deepEqual((await its.get<ClusterObject>('configmap'))!['data'], { motto: 'be kind', of: 'somebody' });
    const { spec, metadata } = (await its.get<Deployment>('deployment'))!;
    assert.match(spec.template.spec.containers[0]!.image, /:1@/);
    assert.equal(metadata.annotations!['barometer.dev/run'], 'run-1');
    assert.equal(await isThere(1), true);
    // What was restored is ours again: the release after it takes it away.
    await toRollout().apply(objects, await toRollout().readLive(objects, watch), turn, watch);
    assert.deepEqual((await its.get<ClusterObject>('configmap'))!['data'], { other: 'value', of: 'somebody' });
  });

  it('deletes what the run has added, and nothing that somebody else has made meanwhile', async () => {
    const before = await bring(1);
    await its.kubectl('delete', 'configmap', 'barometer-api');
    await its.kubectl('create', 'configmap', 'barometer-api', '--from-literal=a=b');
    await toRollout().restore(before, 'run-1', turn, watch);
    assert.deepEqual((await its.get<ClusterObject>('configmap'))!['data'], { a: 'b' });
    for (const kind of ['deployment', 'service', 'serviceaccount']) assert.equal(await its.get(kind), null, kind);
  });

  it('leaves the number of pods to the autoscaler, also when it takes over', async () => {
    await bring(1, { replicas: 3 });
    assert.equal(await readReplicas(), 3);
    const before = await bring(2, { replicas: 1, autoscaled: true });
    assert.equal(await readReplicas(), 3, 'a number that is let go of must not fall');
    await its.kubectl('scale', 'deployment', 'barometer-api', '--replicas=4');
    await bring(3, { replicas: 1, autoscaled: true });
    assert.equal(await readReplicas(), 4);
    playKubelet(its.cluster, () => 'ready');
    await toRollout().restore(before, 'run-2', turn, watch);
    assert.equal(await readReplicas(), 3, 'before there was no autoscaler');
  });

  it('keeps the number of pods that the autoscaler has decided when it restores', async () => {
    playKubelet(its.cluster, () => 'ready');
    await bring(1, { autoscaled: true });
    const before = await bring(2, { autoscaled: true });
    await its.kubectl('scale', 'deployment', 'barometer-api', '--replicas=4');
    await toRollout().restore(before, 'run-2', turn, watch);
    assert.equal(await readReplicas(), 4);
  });

  it('waits for pods that stumble and recover', async () => {
    const seenAt = performance.now();
    await bring(1);
    playKubelet(its.cluster, () => (performance.now() - seenAt < 1_500 ? { reason: 'ErrImagePull' } : 'ready'));
    assert.deepEqual(await toRollout().waitUntilUp(watch), { replicas: 1 });
    assert.ok(notes.some((note) => /ErrImagePull/.test(note)));
  });

  it('does not wait for pods that can not start, and says what they say', async () => {
    playKubelet(its.cluster, () => ({ reason: 'CreateContainerConfigError', message: 'configmap "moods" not found' }));
    await bring(1);
    await assert.rejects(toRollout().waitUntilUp(watch), (error) => isFailure(error, 'rollout-failed') && error.message === "The new pods can't start (CreateContainerConfigError).");
    assert.match(await toRollout().explain(watch), /^pod barometer-api-\S+: CreateContainerConfigError, configmap "moods" not found$/m);
  });

  it('says that no node takes the pods', async () => {
    await bring(1);
    await assert.rejects(toRollout(2_500).waitUntilUp(watch), (error) => isFailure(error, 'rollout-failed') && error.message === 'The new pods were not up after 3 s.');
    assert.match(await toRollout().explain(watch), /is not ready, for no node takes it: no nodes available/);
  });

  it('says that pods may not even be made', async () => {
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none' }, spec: { hard: { pods: '0' } } };
    await testCluster.kubectl(['--namespace', its.namespace, 'create', '-f', '-'], { input: JSON.stringify(quota) });
    await bring(1);
    await assert.rejects(toRollout().waitUntilUp(watch), (error) => isFailure(error, 'rollout-failed') && /can't start \(FailedCreate: .*exceeded quota/.test(error.message));
  });

  it('says that the API server was away at the deadline, which is nobody\'s pods\' fault', async function () {
    const { apiServer } = testCluster;
    if (apiServer === null) this.skip();
    await bring(1);
    await apiServer.stop();
    try {
      await assert.rejects(toRollout(1_000).waitUntilUp(watch), (error) => isFailure(error, 'dependency-unavailable'));
      await assert.rejects(toRollout(1_000).readLive(toRelease(1), watch), (error) => isFailure(error, 'dependency-unavailable'));
    } finally {
      await apiServer.start();
    }
  });
});
