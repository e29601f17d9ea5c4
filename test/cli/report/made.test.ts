import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toMade } from '../../../cli/report/made.ts';
import { GIT_SHA } from '../../support/models.ts';
import { toRunState } from '../../support/run-states.ts';
import { toTrainedState } from '../../support/reported-runs.ts';

const AT = { cardUrl: null, kubeNamespace: 'mood' };

describe('what a run made', () => {
  it('is named with where it is found', () => {
    const text = toMade(toTrainedState(), { ...AT, cardUrl: 'https://acme.example/card.json' })!;
    assert.match(text, /\| data \| `data\.test-0\.2` \|/);
    assert.match(text, /\| model \| `emotions-cnn` version 7, \[card\]\(https:\/\/acme\.example\/card\.json\); `barometer models show 7` \|/);
    assert.match(text, new RegExp(`\\| image api \\| \`ghcr\\.io/acme/barometer/api:${GIT_SHA}\`<br>\`@sha256:(ab){32}\` \\|`));
    assert.match(text, /\| rollout \| commit `1a2b3c4` with model version 7 in namespace `mood`; `barometer rollout` \|/);
  });

  it('says who let it through, and why', () => {
    const approval = { decision: 'approved', askedAt: '', deadline: '', by: 'ada', reason: 'looks *good*', decidedAt: '' } as const;
    assert.match(toMade(toTrainedState({ approval }), AT)!, /\| approval \| approved by ada: looks \\\*good\\\* \|/);
  });

  it('is left out where that is nothing', () => {
    assert.equal(toMade(toRunState(), AT), null);
  });
});
