import assert from 'node:assert/strict';
import { ActivityCancellationDetails, CancelledFailure } from '@temporalio/common';
import type { MockActivityEnvironment } from '@temporalio/testing';
import type { RollOutCluster, RollOutDependencies, RollOutRequest } from '../../activities/roll-out.ts';
import { createRollOutActivities } from '../../activities/roll-out.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { BeforeRollout, ClusterObject } from '../../domain/rollout.ts';
import { GOLDEN } from '../support/rollout/api-script.ts';
import { createActivityEnvironment } from '../support/run-activity.ts';

const request: RollOutRequest = {
  runName: '20261125T010000Z-1a2b3c4',
  gitSha: '1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b',
  modelVersion: 7,
  image: { reference: 'ghcr.io/acme/barometer/api:1a2b', digest: 'sha256:00' },
};
const deployment: ClusterObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'barometer-api' } };

function toLive(annotations: Record<string, string>): BeforeRollout {
  return [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'barometer-api', was: { ...deployment, metadata: { name: 'barometer-api', annotations } } }];
}

const live = toLive({ 'barometer.dev/git-sha': 'abc', 'barometer.dev/model-version': '6', 'barometer.dev/run': 'earlier' });

/** The order of steps on a cluster that does as told; what real ones do is in test/cluster/roll-out.test.ts. */
describe('rollOut', () => {
  function setUp(cluster: Partial<RollOutCluster> = {}, given: Partial<RollOutDependencies> = {}) {
    const steps: string[] = [];
    let saved: BeforeRollout | null = null;
    const lost = new AbortController();
    const step = <T>(name: string, result: T) => () => {
      steps.push(name);
      return Promise.resolve(result);
    };
    const dependencies: RollOutDependencies = {
      readGolden: () => Promise.resolve(GOLDEN),
      renderRelease: step('render', [deployment]),
      runs: {
        saveBeforeRollout(_runName, before) {
          steps.push('save');
          saved = before;
          return Promise.resolve();
        },
        findBeforeRollout: () => Promise.resolve(saved),
      },
      cluster: {
        takeTurn(_holder, _watch, work) {
          steps.push('turn');
          return work({ lost: lost.signal, confirm: () => Promise.resolve() });
        },
        readLive: step('read', live),
        isThere: step('is there?', false),
        apply: step('apply', undefined),
        waitUntilUp: step('wait', { replicas: 2 }),
        countPods: step('count', 2),
        askGolden: step('ask', undefined),
        explain: step('explain', 'pod it: CrashLoopBackOff'),
        restore: step('restore', undefined),
        ...cluster,
      },
      ...given,
    };
    return { dependencies, steps, lost, saved: () => saved };
  }

  function rollOut(dependencies: RollOutDependencies, environment: MockActivityEnvironment = createActivityEnvironment()) {
    return environment.run(createRollOutActivities(dependencies).rollOut, request);
  }

  async function failToRollOut(dependencies: RollOutDependencies): Promise<Failure> {
    const error: unknown = await rollOut(dependencies).then(() => null, (failure: unknown) => failure);
    assert.ok(isFailure(error), `it ended with ${String(error)}`);
    return error;
  }

  const fails = (failure: Failure) => () => Promise.reject(failure);

  it('saves what is there before it changes anything, waits, and asks', async () => {
    const { dependencies, steps, saved } = setUp();
    assert.deepEqual(await rollOut(dependencies), { changed: true, replicas: 2, goldenPredictions: 1 });
    assert.deepEqual(steps, ['render', 'turn', 'read', 'is there?', 'save', 'apply', 'wait', 'ask']);
    assert.deepEqual(saved(), live);
  });

  it('touches nothing when the version has no golden predictions', async () => {
    const { dependencies, steps } = setUp({}, { readGolden: () => Promise.resolve([]) });
    const { kind, message } = await failToRollOut(dependencies);
    assert.equal(kind, 'nothing-to-use');
    assert.match(message, /Version 7 .* Train it again/);
    assert.deepEqual(steps, []);
  });

  it('touches nothing when the cluster would refuse an object', async () => {
    const { dependencies, steps } = setUp({ isThere: fails(new Failure('configuration-invalid', 'No.')) });
    assert.equal((await failToRollOut(dependencies)).message, 'No.');
    assert.ok(!steps.includes('save') && !steps.includes('apply'));
  });

  it('only asks when the release is there', async () => {
    const { dependencies, steps } = setUp({ isThere: () => Promise.resolve(true) });
    assert.deepEqual(await rollOut(dependencies), { changed: false, replicas: 2, goldenPredictions: 1 });
    assert.deepEqual(steps, ['render', 'turn', 'read', 'ask', 'count']);
  });

  it('says so, and restores nothing, when what is there already answers wrongly', async () => {
    const { dependencies, steps } = setUp({ isThere: () => Promise.resolve(true), askGolden: fails(new Failure('rollout-failed', 'It is wrong.')) });
    const { kind, message } = await failToRollOut(dependencies);
    assert.equal(kind, 'rollout-failed');
    assert.match(message, /already, and nothing was changed.* It is wrong\./);
    assert.ok(!steps.includes('restore'));
  });

  it('does not take what its own earlier attempt has brought for what was there', async () => {
    const own = toLive({ 'barometer.dev/run': request.runName });
    const restored: BeforeRollout[] = [];
    const { dependencies } = setUp({
      readLive: () => Promise.resolve(own),
      isThere: () => Promise.resolve(true),
      askGolden: fails(new Failure('rollout-failed', 'It is wrong.')),
      restore(before) {
        restored.push(before);
        return Promise.resolve();
      },
    });
    await dependencies.runs.saveBeforeRollout(request.runName, live);
    assert.match((await failToRollOut(dependencies)).message, /What ran before runs again: commit abc with version 6/);
    assert.deepEqual(restored, [live]);
  });

  for (const [step, cluster] of Object.entries({
    wait: { waitUntilUp: fails(new Failure('rollout-failed', 'It is not up.')) },
    ask: { askGolden: fails(new Failure('rollout-failed', 'It is not up.')) },
  })) {
    it(`explains, restores and fails when it falls short at: ${step}`, async () => {
      const { dependencies, steps } = setUp(cluster);
      const { kind, message } = await failToRollOut(dependencies);
      assert.equal(kind, 'rollout-failed');
      assert.deepEqual(message.split('\n'), [
        `The rollout of commit ${request.gitSha} with version 7 of the model failed. It is not up.`,
        'pod it: CrashLoopBackOff',
        'What ran before runs again: commit abc with version 6 of the model.',
      ]);
      assert.deepEqual(steps.slice(-2), ['explain', 'restore']);
    });
  }

  it('restores, and fails as it failed, when half of it is refused', async () => {
    const { dependencies, steps } = setUp({ apply: fails(new Failure('access-denied', 'We may not.')) });
    const { kind, message } = await failToRollOut(dependencies);
    assert.equal(kind, 'access-denied');
    assert.match(message, /We may not\.\nWhat ran before runs again/);
    assert.equal(steps.at(-1), 'restore');
  });

  it('cries out when restoring fails, too', async () => {
    const { dependencies } = setUp({ waitUntilUp: fails(new Failure('rollout-failed', 'It is not up.')), restore: fails(new Failure('rollout-failed', 'Nor is the other.')) });
    const { kind, message } = await failToRollOut(dependencies);
    assert.equal(kind, 'rollout-failed');
    assert.match(message, /It is not up\.\npod it: CrashLoopBackOff\nRESTORING WHAT RAN BEFORE FAILED TOO.* Nor is the other\./);
  });

  it('leaves to the next attempt what only could not go on', async () => {
    for (const kind of ['dependency-unavailable', 'write-conflict'] as const) {
      const { dependencies, steps } = setUp({ waitUntilUp: fails(new Failure(kind, 'Not now.')) });
      assert.equal((await failToRollOut(dependencies)).message, 'Not now.');
      assert.ok(!steps.includes('restore'));
    }
  });

  it('leaves the restoring to the next attempt when that could not go on', async () => {
    const { dependencies } = setUp({ waitUntilUp: fails(new Failure('rollout-failed', 'It is not up.')), restore: fails(new Failure('dependency-unavailable', 'Not now.')) });
    assert.equal((await failToRollOut(dependencies)).kind, 'dependency-unavailable');
  });

  it('touches nothing more when its turn was taken from it', async () => {
    const taken = new Failure('write-conflict', 'Taken.');
    const { dependencies, steps, lost } = setUp({
      waitUntilUp({ signal }) {
        lost.abort(taken);
        signal.throwIfAborted();
        return Promise.resolve({ replicas: 1 });
      },
    });
    assert.equal(await failToRollOut(dependencies), taken);
    assert.ok(!steps.includes('restore'));
  });

  /** Cancels while it waits, and says whether it has restored, and with which signal. */
  async function cancelWhileWaiting(details: ActivityCancellationDetails): Promise<{ readonly error: unknown; readonly restored: boolean }> {
    const environment = createActivityEnvironment();
    let restored = false;
    const { dependencies } = setUp({
      waitUntilUp({ signal }) {
        environment.cancel('CANCELLED', details);
        signal.throwIfAborted();
        return Promise.resolve({ replicas: 1 });
      },
      restore(_before, _runName, _turn, { signal }) {
        assert.ok(!signal.aborted, 'restoring is not cancelled');
        restored = true;
        return Promise.resolve();
      },
    });
    const error: unknown = await rollOut(dependencies, environment).then(() => null, (failure: unknown) => failure);
    return { error, restored };
  }

  it('restores when it is cancelled, and ends as cancelled', async () => {
    for (const details of [{ cancelRequested: true }, { notFound: true }, { timedOut: true }]) {
      const { error, restored } = await cancelWhileWaiting(new ActivityCancellationDetails(details));
      assert.ok(error instanceof CancelledFailure);
      assert.ok(restored, JSON.stringify(details));
    }
  });

  it('restores nothing when only this attempt is to end', async () => {
    for (const details of [{ workerShutdown: true }, { paused: true }, { reset: true }]) {
      const { error, restored } = await cancelWhileWaiting(new ActivityCancellationDetails(details));
      assert.ok(error instanceof CancelledFailure);
      assert.ok(!restored, JSON.stringify(details));
    }
  });

  it('heartbeats what each step says, and that it restores', async () => {
    const environment = createActivityEnvironment();
    const notes: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => notes.push(details));
    const { dependencies } = setUp({
      waitUntilUp({ onProgress }) {
        onProgress('1 of 2 new pods are ready');
        return Promise.reject(new Failure('rollout-failed', 'It is not up.'));
      },
      restore(_before, _runName, _turn, { onProgress }) {
        onProgress('2 new pods are available');
        return Promise.resolve();
      },
    });
    await assert.rejects(rollOut(dependencies, environment));
    assert.deepEqual(notes, [{ note: '1 of 2 new pods are ready' }, { note: 'restores what ran before' }, { note: 'restores what ran before: 2 new pods are available' }]);
  });
});
