import assert from 'node:assert/strict';
import type { ApiState } from '../../../adapters/kubernetes/api-state.ts';
import type { Deployment, Metadata, Pod, ReplicaSet } from '../../../adapters/kubernetes/objects.ts';
import { toRolloutProgress } from '../../../adapters/kubernetes/rollout-progress.ts';

const template = { spec: { containers: [] } };

function toMetadata(name: string, changes: Partial<Metadata> = {}): Metadata {
  return { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-11-25T01:00:00Z', ...changes };
}

function toPod(revision: 'old' | 'new', { ready = true, reason }: { ready?: boolean; reason?: string } = {}): Pod {
  const containerStatuses = reason === undefined ? [] : [{ name: 'api', ready: false, restartCount: 0, state: { waiting: { reason } } }];
  return {
    metadata: toMetadata(`pod-of-${revision}`, { labels: { 'pod-template-hash': revision } }),
    spec: { containers: [] },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }], containerStatuses },
  };
}

function toState(status: Deployment['status'], pods: readonly Pod[] = [], { generation = 2, replicas = 2, paused = false } = {}): ApiState {
  const replicaSets: ReplicaSet[] = (['new', 'old'] as const).map((name, index) => ({
    metadata: toMetadata(name, { labels: { 'pod-template-hash': name }, annotations: { 'deployment.kubernetes.io/revision': String(2 - index) } }),
    spec: { template },
  }));
  const deployment: Deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...toMetadata('it', { generation, annotations: { 'deployment.kubernetes.io/revision': '2' } }) },
    spec: { replicas, paused, selector: { matchLabels: {} }, template },
    status: { observedGeneration: generation, ...status },
  };
  return { deployment, replicaSets, pods };
}

describe('the progress of a rollout', () => {
  function toPhaseAndNote(state: ApiState): string {
    const { phase, note } = toRolloutProgress(state);
    return `${phase}: ${note}`;
  }

  it('knows nothing before the cluster has seen the change', () => {
    const all = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
    assert.equal(toPhaseAndNote(toState(all)), 'under-way: the cluster has yet to see the change');
    assert.equal(toRolloutProgress(toState({ ...all, observedGeneration: 2 })).phase, 'complete');
  });

  it('counts the new pods that are ready, not the old ones', () => {
    const state = toState({ replicas: 3, updatedReplicas: 1, availableReplicas: 2 }, [toPod('old'), toPod('old'), toPod('new', { ready: false })]);
    assert.equal(toPhaseAndNote(state), 'under-way: 0 of 2 new pods are ready');
  });

  it('waits for the old pods to go', () => {
    const state = toState({ replicas: 3, updatedReplicas: 2, availableReplicas: 3 }, [toPod('old'), toPod('new'), toPod('new')]);
    assert.equal(toPhaseAndNote(state), 'under-way: 1 of the old pods have yet to go');
  });

  it('waits for new pods to have been ready for minReadySeconds', () => {
    const state = toState({ replicas: 2, updatedReplicas: 2, availableReplicas: 1 }, [toPod('new'), toPod('new')]);
    assert.equal(toPhaseAndNote(state), 'under-way: 1 of 2 new pods have been ready for long enough');
  });

  it('is complete when all pods are new and available', () => {
    const state = toState({ replicas: 2, updatedReplicas: 2, availableReplicas: 2 }, [toPod('new'), toPod('new')]);
    assert.equal(toPhaseAndNote(state), 'complete: 2 new pods are available');
  });

  it('names the new pods that are in trouble, and no old one', () => {
    const state = toState({ replicas: 3, updatedReplicas: 1 }, [toPod('old', { ready: false, reason: 'ImagePullBackOff' }), toPod('new', { ready: false, reason: 'ErrImagePull' })]);
    assert.equal(toPhaseAndNote(state), 'under-way: 0 of 2 new pods are ready; pod-of-new: ErrImagePull');
  });

  it('says why not even a pod can be made', () => {
    const conditions = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' }];
    const { note, noPods } = toRolloutProgress(toState({ replicas: 2, conditions }));
    assert.equal(noPods, 'FailedCreate: exceeded quota');
    assert.match(note, /; FailedCreate: exceeded quota$/);
  });

  it('has failed when the cluster says so, or when nobody goes on with it', () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    assert.match(toPhaseAndNote(toState({ replicas: 3, conditions })), /^failed: .*progressDeadlineSeconds/);
    assert.match(toPhaseAndNote(toState({ replicas: 2 }, [], { paused: true })), /^failed: .*paused/);
  });

  it('does not take the failure of the rollout before for its own', () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    assert.equal(toRolloutProgress(toState({ observedGeneration: 1, replicas: 3, conditions })).phase, 'under-way');
  });
});
