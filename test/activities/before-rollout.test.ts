import assert from 'node:assert/strict';
import { toWhatRanBefore, withoutOwnChanges } from '../../activities/before-rollout.ts';
import type { BeforeRollout, ClusterObject } from '../../domain/rollout.ts';

const RUN = '20261125T010000Z-1a2b3c4';

function toEntry(kind: string, was: Pick<ClusterObject['metadata'], 'annotations'> | null): BeforeRollout[number] {
  return { apiVersion: 'v1', kind, name: 'it', was: was && { apiVersion: 'v1', kind, metadata: { name: 'it', ...was } } };
}

function of(run: string) {
  return { annotations: { 'barometer.dev/run': run } };
}

describe('what ran before a rollout', () => {
  const found = [toEntry('Service', of('first')), toEntry('Deployment', null)];

  it('is what is live when the run has changed nothing yet', () => {
    const live = [toEntry('Service', of('other')), toEntry('Deployment', {})];
    assert.equal(withoutOwnChanges(live, RUN, null), live);
    assert.equal(withoutOwnChanges(live, RUN, found), live, 'another run came in between');
  });

  it('is what an earlier attempt found, of the objects that it has changed', () => {
    const live = [toEntry('Service', of('other')), toEntry('Deployment', of(RUN))];
    assert.deepEqual(withoutOwnChanges(live, RUN, found), [live[0], found[1]]);
    const all = [toEntry('Service', of(RUN)), toEntry('Deployment', of(RUN))];
    assert.deepEqual(withoutOwnChanges(all, RUN, found), found);
  });

  it('is named by commit and model where it says so', () => {
    const annotations = { 'barometer.dev/git-sha': 'abc', 'barometer.dev/model-version': '7' };
    assert.equal(toWhatRanBefore([toEntry('Deployment', { annotations })]), 'What ran before runs again: commit abc with version 7 of the model.');
    assert.equal(toWhatRanBefore([toEntry('Deployment', {})]), 'What ran before runs again.');
    assert.match(toWhatRanBefore([toEntry('Service', {}), toEntry('Deployment', null)]), /^Nothing ran before/);
  });
});
