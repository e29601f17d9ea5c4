import assert from 'node:assert/strict';
import { Failure } from '../../domain/failure.ts';
import { createDeployingActivities } from '../support/deploying-activities.ts';
import { TURNED_AWAY } from '../support/fake-activities.ts';
import { stepOf, useWorkflowRuns } from '../support/workflow-runs.ts';

const WHY_NOT = 'BAROMETER_KUBECONFIG is not set.';

describe('the deployment of a run', () => {
  const { run, runWell } = useWorkflowRuns();

  it('builds every image of the commit, and rolls out the API with the model just registered', async () => {
    const { activities, builds, rollouts } = createDeployingActivities();
    const { gitSha, runName, images, release, steps } = await runWell({ deploy: 'on' }, activities);
    assert.deepEqual(builds, [{ runName, gitSha, image: 'api' }, { runName, gitSha, image: 'worker' }]);
    assert.deepEqual(images.map(({ digest }) => digest), ['sha256:api', 'sha256:worker']);
    const { reference, digest } = images[0]!;
    assert.deepEqual(rollouts, [{ runName, gitSha, modelVersion: 7, image: { reference, digest } }]);
    assert.deepEqual(release, { gitSha, modelVersion: 7, image: { reference, digest } });
    assert.deepEqual(steps.filter(({ status }) => status !== 'succeeded').map(({ step, note }) => [step, note]), [['approve', 'Nobody is asked.']]);
    assert.equal(steps[6]!.note, 'api, worker built and pushed');
    assert.equal(steps[8]!.note, 'model version 7 on 2 pods, 4 golden predictions right');
  });

  it('happens by itself where it is configured', async () => {
    const { activities } = createDeployingActivities();
    assert.equal(stepOf(await runWell({}, activities), 'roll-out').status, 'succeeded');
  });

  it('takes the latest model when nothing is trained', async () => {
    const { activities, rollouts } = createDeployingActivities();
    await runWell({ process: false, split: false, train: false }, activities);
    assert.equal(rollouts[0]!.modelVersion, 6);
  });

  it('says what the registry had already, and that there was nothing to change', async () => {
    const { activities } = createDeployingActivities();
    const state = await runWell({}, {
      ...activities,
      buildImage: async ({ image }) => ({ image, reference: `r/${image}:1`, digest: `sha256:${image}`, isNew: image === 'worker' }),
      rollOut: async () => ({ changed: false, replicas: 1, goldenPredictions: 4 }),
    });
    assert.equal(stepOf(state, 'build-image').note, 'worker built and pushed; api in the registry already');
    assert.equal(stepOf(state, 'roll-out').note, 'nothing to change: model version 7 on 1 pod, 4 golden predictions right');
  });

  it('leaves what runs alone when the candidate is turned away', async () => {
    const { activities, builds } = createDeployingActivities();
    const state = await runWell({ deploy: 'on' }, {
      ...activities,
      evaluateCandidate: async () => TURNED_AWAY,
    });
    assert.equal(state.outcome, 'rejected');
    assert.deepEqual(builds, []);
    assert.equal(stepOf(state, 'roll-out').note, 'The candidate was turned away by the gate; what runs stays.');
  });

  it('is skipped where it is not configured, with what is missing', async () => {
    const state = await runWell({});
    assert.deepEqual([stepOf(state, 'build-image').status, stepOf(state, 'roll-out').status], ['skipped', 'skipped']);
    assert.equal(stepOf(state, 'build-image').note, 'BAROMETER_IMAGE_REPOSITORY is not set.');
    assert.equal(stepOf(state, 'roll-out').note, WHY_NOT);
  });

  it('builds images without a cluster to roll them out to', async () => {
    const { activities, rollouts } = createDeployingActivities({ rollOut: { ready: false, why: WHY_NOT } });
    const state = await runWell({}, activities);
    assert.equal(stepOf(state, 'build-image').status, 'succeeded');
    assert.equal(stepOf(state, 'roll-out').note, WHY_NOT);
    assert.deepEqual(rollouts, []);
  });

  it('rolls nothing out without an image', async () => {
    const { activities, rollouts } = createDeployingActivities({ buildImage: { ready: false, why: 'There is no container engine.' } });
    assert.equal(stepOf(await runWell({}, activities), 'roll-out').note, 'There is no image to roll out.');
    assert.deepEqual(rollouts, []);
  });

  it('fails before any work when it is asked for by all means and something is missing', async () => {
    const { activities } = createDeployingActivities({ rollOut: { ready: false, why: WHY_NOT } });
    const end = await run({ deploy: 'on' }, activities);
    assert.ok(end.status === 'failed');
    assert.equal(end.reason, WHY_NOT);
    assert.equal(stepOf(end.state, 'roll-out').status, 'failed');
    assert.equal(stepOf(end.state, 'ingest').status, 'pending');
  });

  it('is neither asked nor waited for when it is switched off', async () => {
    const state = await runWell({ deploy: 'off' }, {
      checkDeployment: () => Promise.reject(new Failure('dependency-unavailable', 'Nobody should ask.')),
    });
    assert.equal(stepOf(state, 'build-image').note, 'Switched off.');
  });

  it('keeps the model registered when the rollout fails, and says what went wrong', async () => {
    const { activities } = createDeployingActivities();
    const end = await run({}, { ...activities, rollOut: () => Promise.reject(new Failure('rollout-failed', 'The image can not be pulled.')) });
    assert.ok(end.status === 'failed');
    assert.equal(end.reason, 'The image can not be pulled.');
    assert.equal(end.state!.model!.version, 7);
    assert.equal(end.state!.release, null);
    assert.equal(stepOf(end.state, 'roll-out').status, 'failed');
  });
});
