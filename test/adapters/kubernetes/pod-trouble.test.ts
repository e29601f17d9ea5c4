import assert from 'node:assert/strict';
import type { ContainerStatus, Pod } from '../../../adapters/kubernetes/objects.ts';
import { toPodTrouble } from '../../../adapters/kubernetes/pod-trouble.ts';

describe('the trouble of a pod', () => {
  it('is none while it starts in good order, nor when it is ready', () => {
    assert.equal(toPodTrouble(toPod()), null);
    assert.equal(toPodTrouble(toPod({ state: { waiting: { reason: 'ContainerCreating' } } })), null);
    assert.equal(toPodTrouble(toPod({ state: { running: {} } })), null);
    assert.equal(toPodTrouble(toPod({ ready: true, restartCount: 3, state: { running: {} }, lastState: { terminated: { exitCode: 1 } } })), null);
  });

  it('is what its container waits for in vain', () => {
    for (const reason of ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'CreateContainerConfigError', 'RunContainerError']) {
      const trouble = toPodTrouble(toPod({ state: { waiting: { reason, message: 'no such thing' } } }));
      assert.deepEqual(trouble, { pod: 'it', container: 'api', reason, message: 'no such thing', hasRun: false });
    }
  });

  it('is how its container ended, while it waits to be started again', () => {
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' };
    const trouble = toPodTrouble(toPod({ restartCount: 2, state: { waiting }, lastState: { terminated: { exitCode: 1, reason: 'Error', message: 'no model\n' } } }));
    assert.deepEqual(trouble, { pod: 'it', container: 'api', reason: 'CrashLoopBackOff', message: 'it ended with exit code 1, restarted 2 times: no model', hasRun: true });
  });

  it('stays while a container that has crashed runs again and is not ready', () => {
    const trouble = toPodTrouble(toPod({ restartCount: 1, state: { running: {} }, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }));
    assert.deepEqual([trouble?.reason, trouble?.message], ['OOMKilled', 'it ended with exit code 137 (OOMKilled), restarted once']);
  });

  it('is not that a container did its work and ended', () => {
    assert.equal(toPodTrouble(toPod({ state: { terminated: { exitCode: 0, reason: 'Completed' } } })), null);
  });

  it('is that of a container which has to end before the others start', () => {
    const { metadata, spec } = toPod();
    const init = toContainer({ name: 'prepare', state: { terminated: { exitCode: 2, signal: 9 } } });
    const trouble = toPodTrouble({ metadata, spec, status: { initContainerStatuses: [init], containerStatuses: [toContainer({})] } });
    assert.deepEqual([trouble?.container, trouble?.message], ['prepare', 'it ended with signal 9']);
  });
});

function toContainer(changes: Partial<ContainerStatus>): ContainerStatus {
  return { name: 'api', ready: false, restartCount: 0, ...changes };
}

function toPod(container?: Partial<ContainerStatus>): Pod {
  return {
    metadata: { name: 'it', uid: '1', resourceVersion: '1', creationTimestamp: '2026-11-25T01:00:00Z' },
    spec: { containers: [] },
    status: container === undefined ? {} : { containerStatuses: [toContainer(container)] },
  };
}
