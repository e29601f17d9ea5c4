import assert from 'node:assert/strict';
import { beforeEach } from 'mocha';
import { pickApiObjects, pinRelease } from '../../../adapters/kubernetes/api-manifests.ts';
import type { Deployment } from '../../../adapters/kubernetes/objects.ts';
import type { RolloutStatus } from '../../../adapters/kubernetes/read-rollout.ts';
import { readRollout } from '../../../adapters/kubernetes/read-rollout.ts';
import { createResources } from '../../../adapters/kubernetes/resources.ts';
import type { UndoOptions } from '../../../adapters/kubernetes/undo-rollout.ts';
import { undoRollout } from '../../../adapters/kubernetes/undo-rollout.ts';
import { holdLease } from '../../../adapters/kubernetes/lease.ts';
import { isFailure } from '../../../domain/failure.ts';
import type { ClusterObject } from '../../../domain/rollout.ts';
import { useCluster } from '../../support/cluster/use-cluster.ts';
import { toObjects } from '../../support/rollout/api-overlay.ts';
import type { Fate } from '../../support/rollout/played-kubelet.ts';
import { usePlayedKubelet } from '../../support/rollout/played-kubelet.ts';
import { PACE } from '../../support/rollout/roll-out-activities.ts';
import { useNamespace } from '../../support/rollout/use-namespace.ts';
import { until } from '../../support/until.ts';

function toSha(number: number): string {
  return String(number).repeat(40);
}

function toImage(number: number): string {
  return `registry.invalid/api:${number}@sha256:${String(number).repeat(64)}`;
}

describe('undoing a rollout, and what can be known of one', () => {
  const testCluster = useCluster();
  const its = useNamespace(testCluster);
  const playKubelet = usePlayedKubelet();
  let fate: Fate = 'ready';

  beforeEach('play the kubelet', () => {
    fate = 'ready';
    playKubelet(its.cluster, () => fate);
  });

  async function bring(number: number): Promise<void> {
    const objects = pickApiObjects(toObjects({ namespace: its.namespace, replicas: 2 }) as ClusterObject[], its.namespace);
    const image = { reference: `registry.invalid/api:${number}`, digest: `sha256:${String(number).repeat(64)}` };
    const resources = createResources(its.cluster);
    for (const object of pinRelease(objects, { gitSha: toSha(number), modelVersion: number, image }, `run-${number}`)) await resources.apply(object);
  }

  async function bringUp(number: number): Promise<void> {
    await bring(number);
    await until(async () => {
      const { phase, release } = await readRollout(its.cluster);
      return phase === 'complete' && release.modelVersion === number;
    });
  }

  function undo(options: Partial<UndoOptions> = {}) {
    return undoRollout(its.cluster, { signal: new AbortController().signal, deadlineMs: 20_000, onProgress: () => undefined, pace: PACE, ...options });
  }

  it('tells of releases, pods and revisions', async () => {
    await bringUp(1);
    await bringUp(2);
    const { release, replicas, pods, revisions, phase, namespace } = await readRollout(its.cluster);
    assert.deepEqual(release, { gitSha: toSha(2), modelVersion: 2, image: toImage(2) });
    assert.deepEqual(replicas, { desired: 2, updated: 2, ready: 2, available: 2 });
    assert.deepEqual([phase, namespace], ['complete', its.namespace]);
    assert.deepEqual(pods.filter(({ phase: is }) => is !== 'Terminating').map((pod) => [pod.ready, pod.restarts, pod.trouble, pod.release.modelVersion]), [[true, 0, null, 2], [true, 0, null, 2]]);
    assert.deepEqual(revisions.map(({ revision, isCurrent, pods: count, release: { modelVersion } }) => [revision, isCurrent, count, modelVersion]), [[2, true, 2, 2], [1, false, 0, 1]]);
    assert.ok(Math.abs(Date.now() - revisions[0]!.createdAt.getTime()) < 60_000);
  });

  it('tells why a pod does not come up', async () => {
    fate = { reason: 'ImagePullBackOff', message: 'not found' };
    await bring(1);
    // The pods can be there before the deployment says that it has seen the change.
    const isInTrouble = ({ replicas, pods }: RolloutStatus) => replicas.updated === 2 && pods.length === 2 && pods.every(({ trouble }) => trouble !== null);
    await until(async () => isInTrouble(await readRollout(its.cluster)));
    const { phase, note, pods } = await readRollout(its.cluster);
    assert.equal(phase, 'under-way');
    assert.match(note, /^0 of 2 new pods are ready; .*ImagePullBackOff/);
    assert.deepEqual(pods[0]!.trouble, { reason: 'ImagePullBackOff', message: 'not found' });
  });

  it('says that nothing was rolled out yet', async () => {
    await assert.rejects(readRollout(its.cluster), (error) => isFailure(error, 'not-found') && error.message.includes(its.namespace));
    await assert.rejects(undo(), (error) => isFailure(error, 'not-found'));
  });

  it('goes back to the revision before, marks and all, and waits for its pods', async () => {
    await bringUp(1);
    await bringUp(2);
    const { from, to, revision } = await undo();
    assert.deepEqual([from.modelVersion, to.modelVersion, revision], [2, 1, 1]);
    const { spec, metadata, status } = (await its.get<Deployment>('deployment'))!;
    assert.equal(spec.template.spec.containers[0]!.image, toImage(1));
    for (const marks of [metadata.annotations!, metadata.labels!, spec.template.metadata!.annotations!]) {
      assert.deepEqual([marks['barometer.dev/git-sha'], marks['barometer.dev/model-version'], marks['barometer.dev/run']], [toSha(1), '1', undefined]);
    }
    assert.equal(status!.availableReplicas, 2);
    assert.deepEqual((await readRollout(its.cluster)).revisions.map(({ revision: number, release }) => [number, release.modelVersion]), [[3, 1], [2, 2]]);
  });

  it('goes back to the revision that is asked for, and forth again', async () => {
    for (const number of [1, 2, 3]) await bringUp(number);
    assert.equal((await undo({ revision: 1 })).to.modelVersion, 1);
    assert.equal((await undo()).to.modelVersion, 3);
  });

  it('lets the next release through as if nothing had been', async () => {
    await bringUp(1);
    await bringUp(2);
    await undo();
    await bringUp(3);
    const { spec, metadata } = (await its.get<Deployment>('deployment'))!;
    assert.equal(spec.template.spec.containers[0]!.image, toImage(3));
    assert.equal(metadata.annotations!['barometer.dev/run'], 'run-3');
  });

  it('names the revisions that there are', async () => {
    await bringUp(1);
    await assert.rejects(undo(), (error) => isFailure(error, 'not-found') && error.message.includes('no earlier revision'));
    await bringUp(2);
    await assert.rejects(undo({ revision: 9 }), (error) => isFailure(error, 'not-found') && error.message.includes('no revision 9 to go back to; there is: 1.'));
    await assert.rejects(undo({ revision: 2 }), (error) => isFailure(error, 'not-found'));
  });

  it('waits for its turn', async () => {
    await bringUp(1);
    await bringUp(2);
    const notes = new Set<string>();
    const waits = Promise.withResolvers<undefined>();
    let undone: ReturnType<typeof undo> | undefined;
    await holdLease(its.cluster, { name: 'run-3', gitSha: toSha(3) }, { signal: new AbortController().signal, limitMs: 5_000, onWait: () => undefined, pace: PACE }, async () => {
      undone = undo({ onProgress: (note) => { notes.add(note); waits.resolve(undefined); } });
      await waits.promise;
      assert.equal((await readRollout(its.cluster)).release.modelVersion, 2);
    });
    await undone;
    assert.ok(notes.has(`waits for the rollout of commit ${toSha(3)} (run run-3)`));
  });

  it('says when what it went back to does not come up', async () => {
    await bringUp(1);
    await bringUp(2);
    fate = { reason: 'ErrImagePull' };
    await assert.rejects(undo(), (error) => isFailure(error, 'rollout-failed') && error.message.includes('ErrImagePull'));
  });
});
