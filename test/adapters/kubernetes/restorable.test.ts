import assert from 'node:assert/strict';
import { isAutoscaled, toRestorable, withoutReplicas } from '../../../adapters/kubernetes/restorable.ts';
import type { ClusterObject } from '../../../domain/rollout.ts';

describe('an object as it can be applied again', () => {
  it('is without what the cluster adds by itself', () => {
    const was: ClusterObject = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'it',
        namespace: 'there',
        uid: '1',
        resourceVersion: '2',
        generation: 3,
        creationTimestamp: '2026-11-25T01:00:00Z',
        managedFields: [],
        labels: { a: 'b' },
        annotations: { c: 'd', 'deployment.kubernetes.io/revision': '4' },
      },
      spec: { replicas: 2 },
      status: { replicas: 2 },
    };
    assert.deepEqual(toRestorable(was), {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'it', namespace: 'there', labels: { a: 'b' }, annotations: { c: 'd' } },
      spec: { replicas: 2 },
    });
  });
});

describe('the number of pods under an autoscaler', () => {
  const deployment: ClusterObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'barometer-api' }, spec: { replicas: 2, paused: false } };
  function toLive(manager: string, operation: string): ClusterObject {
    const managedFields = [{ manager, operation, fieldsV1: { 'f:spec': { 'f:replicas': {} } } }];
    return { ...deployment, metadata: { ...deployment.metadata, managedFields }, spec: { replicas: 5 } };
  }

  it('is left to it', () => {
    for (const live of [null, toLive('kube-controller-manager', 'Update'), toLive('barometer-rollout', 'Update'), deployment]) {
      assert.deepEqual(withoutReplicas(deployment, live)['spec'], { paused: false });
    }
  });

  it('is kept as it is where it has been ours, for nobody else would hold it', () => {
    assert.deepEqual(withoutReplicas(deployment, toLive('barometer-rollout', 'Apply'))['spec'], { replicas: 5, paused: false });
  });

  it('is a matter of an autoscaler of this very Deployment', () => {
    function toAutoscaler(kind: string, name: string): ClusterObject {
      return { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'it' }, spec: { scaleTargetRef: { kind, name } } };
    }
    assert.equal(isAutoscaled([deployment, toAutoscaler('Deployment', 'barometer-api')]), true);
    assert.equal(isAutoscaled([deployment, toAutoscaler('Deployment', 'other'), toAutoscaler('StatefulSet', 'barometer-api')]), false);
  });
});
