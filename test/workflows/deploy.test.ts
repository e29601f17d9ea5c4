import assert from 'node:assert/strict';
import type { BuildImageRequest } from '../../activities/build-image.ts';
import type { RollOutRequest } from '../../activities/roll-out.ts';
import type { DeploymentReadiness } from '../../domain/deployment.ts';
import { Failure } from '../../domain/failure.ts';
import { createFakeActivities } from '../support/fake-activities.ts';
import type { PipelineActivities } from '../support/fake-activities.ts';
import { stepOf, useWorkflowRuns } from '../support/workflow-runs.ts';

const READY: DeploymentReadiness = { buildImage: { ready: true }, images: ['api', 'worker'], rollOut: { ready: true } };
const WHY_NOT = 'BAROMETER_KUBECONFIG is not set.';

describe('the deployment of a run', () => {
  const { run, runWell } = useWorkflowRuns();

  /** Activities that could deploy, and what they were asked. */
  function createDeploying(readiness: Partial<DeploymentReadiness> = {}) {
    const builds: BuildImageRequest[] = [];
    const rollouts: RollOutRequest[] = [];
    const fakes = createFakeActivities();
    const activities: Partial<PipelineActivities> = {
      checkDeployment: async () => ({ ...READY, ...readiness }),
      buildImage: async (request) => {
        builds.push(request);
        return fakes.buildImage(request);
      },
      rollOut: async (request) => {
        rollouts.push(request);
        return fakes.rollOut(request);
      },
    };
    return { activities, builds, rollouts };
  }

  it('builds every image of the commit, and rolls out the API with the model just registered', async () => {
    const { activities, builds, rollouts } = createDeploying();
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
    const { activities } = createDeploying();
    assert.equal(stepOf(await runWell({}, activities), 'roll-out').status, 'succeeded');
  });

  it('takes the latest model when nothing is trained', async () => {
    const { activities, rollouts } = createDeploying();
    await runWell({ process: false, split: false, train: false }, activities);
    assert.equal(rollouts[0]!.modelVersion, 6);
  });

  it('says what the registry had already, and that there was nothing to change', async () => {
    const { activities } = createDeploying();
    const state = await runWell({}, {
      ...activities,
      buildImage: async ({ image }) => ({ image, reference: `r/${image}:1`, digest: `sha256:${image}`, isNew: image === 'worker' }),
      rollOut: async () => ({ changed: false, replicas: 1, goldenPredictions: 4 }),
    });
    assert.equal(stepOf(state, 'build-image').note, 'worker built and pushed; api in the registry already');
    assert.equal(stepOf(state, 'roll-out').note, 'nothing to change: model version 7 on 1 pod, 4 golden predictions right');
  });

  it('leaves what runs alone when the candidate is turned away', async () => {
    const { activities, builds } = createDeploying();
    const state = await runWell({ deploy: 'on' }, {
      ...activities,
      evaluateCandidate: async () => ({ accuracy: 0.2, samples: 12, gate: { passed: false, reason: 'Too weak.' } }),
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
    const { activities, rollouts } = createDeploying({ rollOut: { ready: false, why: WHY_NOT } });
    const state = await runWell({}, activities);
    assert.equal(stepOf(state, 'build-image').status, 'succeeded');
    assert.equal(stepOf(state, 'roll-out').note, WHY_NOT);
    assert.deepEqual(rollouts, []);
  });

  it('rolls nothing out without an image', async () => {
    const { activities, rollouts } = createDeploying({ buildImage: { ready: false, why: 'There is no container engine.' } });
    assert.equal(stepOf(await runWell({}, activities), 'roll-out').note, 'There is no image to roll out.');
    assert.deepEqual(rollouts, []);
  });

  it('fails before any work when it is asked for by all means and something is missing', async () => {
    const { activities } = createDeploying({ rollOut: { ready: false, why: WHY_NOT } });
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
    const { activities } = createDeploying();
    const end = await run({}, { ...activities, rollOut: () => Promise.reject(new Failure('rollout-failed', 'The image can not be pulled.')) });
    assert.ok(end.status === 'failed');
    assert.equal(end.reason, 'The image can not be pulled.');
    assert.equal(end.state!.model!.version, 7);
    assert.equal(end.state!.release, null);
    assert.equal(stepOf(end.state, 'roll-out').status, 'failed');
  });
});
