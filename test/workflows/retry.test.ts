import assert from 'node:assert/strict';
import { toRetryInput } from '../../domain/retry.ts';
import type { PipelineActivities } from '../support/fake-activities.ts';
import { Failure } from '../../domain/failure.ts';
import { createDeployingActivities } from '../support/deploying-activities.ts';
import { stepOf, useWorkflowRuns } from '../support/workflow-runs.ts';

/** Fails the test that calls one of the steps which have been done. */
function refusing(...names: (keyof PipelineActivities)[]): Partial<PipelineActivities> {
  return Object.fromEntries(names.map((name) => [name, () => Promise.reject(new Failure('input-invalid', `${name} was called again`))]));
}

describe('a run that begins where another one stopped', () => {
  const { run, runWell } = useWorkflowRuns();

  it('does none of the steps before again, and says whose output it goes on with', async () => {
    const failed = await run({ deploy: 'on' }, { ...createDeployingActivities().activities, buildImage: () => Promise.reject(new Failure('image-build-failed', 'Broken.')) });
    assert.equal(failed.status, 'failed');
    const former = failed.state!;
    const { activities, rollouts } = createDeployingActivities();
    const state = await runWell(toRetryInput(former, { from: 'build-image', gitSha: former.gitSha }), {
      ...activities,
      ...refusing('takeInventory', 'planResize', 'splitDataset', 'trainModel', 'evaluateCandidate', 'registerModel'),
    });
    assert.deepEqual([stepOf(state, 'train').status, stepOf(state, 'train').cachedFrom], ['skipped', former.runName]);
    assert.equal(stepOf(state, 'train').note, `Taken over from run ${former.runName}.`);
    assert.deepEqual([state.outcome, state.accuracy, state.model, state.candidate], ['registered', former.accuracy, former.model, former.candidate]);
    assert.equal(rollouts[0]!.modelVersion, former.model!.version);
  });

  it('judges the former network again as its own', async () => {
    const former = await runWell({ candidates: 2 });
    const { activities } = createDeployingActivities();
    const adopted: unknown[] = [];
    const evaluated: string[] = [];
    const state = await runWell(toRetryInput(former, { from: 'evaluate', gitSha: former.gitSha }), {
      ...activities,
      ...refusing('trainModel'),
      adoptTraining: async (request) => {
        adopted.push(request);
        return activities.adoptTraining(request);
      },
      evaluateCandidate: async (request) => {
        evaluated.push(request.runName);
        return activities.evaluateCandidate(request);
      },
    });
    assert.deepEqual(adopted, [{ from: former.candidate, to: state.runName }]);
    assert.deepEqual([evaluated, state.candidate], [[state.runName], state.runName]);
  });

  it('does the step that it begins with, and those after', async () => {
    const former = await runWell({});
    const trained: string[] = [];
    const { activities } = createDeployingActivities();
    const state = await runWell(toRetryInput(former, { from: 'train', gitSha: former.gitSha }), {
      ...activities,
      ...refusing('takeInventory', 'planResize', 'splitDataset'),
      trainModel: async (request) => {
        trained.push(request.spec.splitVersion);
        return activities.trainModel(request);
      },
    });
    assert.deepEqual(trained, [former.splitVersion]);
    assert.equal(state.candidate, state.runName);
  });
});
