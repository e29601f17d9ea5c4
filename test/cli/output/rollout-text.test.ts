import assert from 'node:assert/strict';
import type { PodStatus, RolloutStatus } from '../../../adapters/kubernetes/read-rollout.ts';
import { toRelease, toRolloutText } from '../../../cli/output/rollout-text.ts';

const AT = new Date('2026-11-25T13:00:00Z');
const RELEASE = { gitSha: '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d', modelVersion: 7, image: 'ghcr.io/acme/barometer/api:1a2b3c4@sha256:abc' };
const OLDER = { ...RELEASE, gitSha: 'ffffff4d5e6f708192a3b4c5d6e7f8091a2b3c4d', modelVersion: 6 };
const POD: PodStatus = { name: 'barometer-api-5d8-x2k4q', release: RELEASE, phase: 'Running', ready: true, trouble: null, restarts: 0, createdAt: AT };

const STATUS: RolloutStatus = {
  namespace: 'mood',
  release: RELEASE,
  phase: 'complete',
  note: '2 new pods are available',
  replicas: { desired: 2, updated: 2, ready: 2, available: 2 },
  pods: [POD],
  conditions: [],
  revisions: [
    { revision: 4, release: RELEASE, isCurrent: true, pods: 2, createdAt: AT },
    { revision: 3, release: OLDER, isCurrent: false, pods: 0, createdAt: AT },
  ],
};

describe('the text about what runs in the cluster', () => {
  it('says release, pods and the revisions to go back to', () => {
    const text = toRolloutText(STATUS);
    assert.match(text, /^barometer-api in namespace mood\n/);
    assert.match(text, /1a2b3c4 with model version 7/);
    assert.match(text, /2 of 2 ready/);
    assert.match(text, /barometer-api-5d8-x2k4q\s+Running\s+0/);
    assert.match(text, /4 ◂\s+1a2b3c4\s+7\s+2026-11-25 13:00/);
    assert.match(text, /3\s+ffffff4\s+6/);
  });

  it('says of a pod in trouble what it is, and the whole message below', () => {
    const trouble = { reason: 'ImagePullBackOff', message: 'the manifest is unknown' };
    const text = toRolloutText({ ...STATUS, pods: [{ ...POD, phase: 'Pending', ready: false, trouble }] });
    assert.match(text, /x2k4q\s+ImagePullBackOff\s+0/);
    assert.match(text, /✘ barometer-api-5d8-x2k4q: ImagePullBackOff: the manifest is unknown/);
  });

  it('tells a pod that runs from one that is ready', () => {
    assert.match(toRolloutText({ ...STATUS, pods: [{ ...POD, ready: false }] }), /Running, not ready/);
  });

  it('leaves out tables that would be empty', () => {
    const text = toRolloutText({ ...STATUS, pods: [], revisions: [] });
    assert.doesNotMatch(text, /restarts|revision/);
  });

  it('says when a release is not known', () => {
    assert.equal(toRelease({ gitSha: null, modelVersion: null, image: 'nginx' }), 'not made by Barometer');
    assert.equal(toRelease({ ...RELEASE, modelVersion: null }), '1a2b3c4');
  });
});
