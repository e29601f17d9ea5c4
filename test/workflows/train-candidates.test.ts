import assert from 'node:assert/strict';
import { Context } from '@temporalio/activity';
import type { BuildImageRequest } from '../../activities/build-image.ts';
import type { TrainRequest } from '../../activities/train.ts';
import { followRun, startPipeline } from '../../cli/pipeline-runs.ts';
import { Failure } from '../../domain/failure.ts';
import { createFakeActivities } from '../support/fake-activities.ts';
import type { PipelineActivities } from '../support/fake-activities.ts';
import { withWorkers } from '../support/pipeline-workers.ts';
import { until } from '../support/until.ts';
import { stepOf, useWorkflowRuns } from '../support/workflow-runs.ts';

describe('the candidates of a run in the workflow', () => {
  const { temporal, newInput, run, runWell } = useWorkflowRuns();
  const fakes = createFakeActivities();

  /** Trainings with these validation accuracies, by the number of the candidate; one that is missing fails. */
  function createTrainings(accuracies: Readonly<Record<string, number>>) {
    const requests: TrainRequest[] = [];
    const used: Record<string, string> = {};
    const activities: Partial<PipelineActivities> = {
      trainModel: async (request) => {
        requests.push(request);
        const accuracy = accuracies[request.spec.runName.split('.c')[1]!];
        if (accuracy === undefined) throw new Failure('training-failed', 'The loss is not a number.');
        return { ...(await fakes.trainModel(request)), bestValidationAccuracy: accuracy };
      },
      evaluateCandidate: async (request) => {
        used['evaluated'] = request.runName;
        return fakes.evaluateCandidate(request);
      },
      registerModel: async (request) => {
        used['registered'] = request.runName;
        return fakes.registerModel(request);
      },
    };
    return { activities, requests, used };
  }

  it('are trained each under a name of its own, and the best on the validation images goes on', async () => {
    const { activities, requests, used } = createTrainings({ 1: 0.5, 2: 0.7, 3: 0.6 });
    const state = await runWell({ candidates: 3 }, activities);
    const names = [1, 2, 3].map((number) => `${state.runName}.c${number}`);
    assert.deepEqual(requests.map(({ spec }) => spec.runName).sort(), names);
    assert.equal(new Set(requests.map(({ spec }) => spec.hyperparameters.seed)).size, 3);
    assert.deepEqual(used, { evaluated: names[1], registered: names[1] });
    assert.deepEqual(state.candidates.map(({ name, validationAccuracy }) => [name, validationAccuracy]), [[names[0], 0.5], [names[1], 0.7], [names[2], 0.6]]);
    assert.match(stepOf(state, 'train').note, /^c2 of 3 candidates: best epoch 4 of 5 \(stopped early\), validation 70\.0 %/);
  });

  it('leave those that fail behind, and say so', async () => {
    const { activities, used } = createTrainings({ 2: 0.4 });
    const state = await runWell({ candidates: 2 }, activities);
    assert.equal(used['registered'], `${state.runName}.c2`);
    assert.match(stepOf(state, 'train').note, /; c1 failed$/);
    assert.equal(state.candidates[0]!.failure, 'The loss is not a number.');
  });

  it('fail the run when all of them do', async () => {
    const end = await run({ candidates: 2 }, createTrainings({}).activities);
    assert.ok(end.status === 'failed');
    assert.equal(end.reason, 'The loss is not a number.');
  });

  it('have the name of the run when there is one alone', async () => {
    const { activities, requests } = createTrainings({ undefined: 0.5 });
    const state = await runWell({}, { ...activities, trainModel: async (request) => { requests.push(request); return fakes.trainModel(request); } });
    assert.deepEqual(requests.map(({ spec }) => spec.runName), [state.runName]);
    assert.deepEqual(state.candidates, []);
  });

  it('train in Azure ML in the trainer image of the commit, and the winner is shown in the workspace', async () => {
    const { activities, requests } = createTrainings({ 1: 0.5, 2: 0.6 });
    const built: BuildImageRequest[] = [];
    const shown: number[] = [];
    const state = await runWell({ compute: 'azure-ml', candidates: 2, deploy: 'off' }, {
      ...activities,
      buildImage: async (request) => {
        built.push(request);
        return fakes.buildImage(request);
      },
      registerInWorkspace: async ({ version }) => void shown.push(version),
    });
    assert.deepEqual(built, [{ runName: state.runName, gitSha: state.gitSha, image: 'trainer' }]);
    assert.deepEqual(requests.map(({ compute }) => compute), ['azure-ml', 'azure-ml']);
    assert.deepEqual(shown, [7]);
    assert.equal(stepOf(state, 'register').note, 'emotions-cnn version 7, in the Azure ML workspace too');
  });

  it('are all ended wherever they go on, when the run is cancelled, however long one of them takes', async () => {
    const ended: string[] = [];
    const begun = new Set<string>();
    const toNumber = ({ spec }: TrainRequest) => spec.runName.split('.c')[1]!;
    const activities = createFakeActivities({
      trainModel: async (request) => {
        begun.add(toNumber(request));
        const heartbeat = setInterval(() => { Context.current().heartbeat(); }, 50);
        try {
          return await Context.current().cancelled;
        } finally {
          if (toNumber(request) === '2') await until(() => ended.includes('1'));
          clearInterval(heartbeat);
        }
      },
      endTraining: async (request) => void ended.push(toNumber(request)),
    });
    await withWorkers(temporal.env, activities, async () => {
      const { handle } = await startPipeline(temporal.env.client, newInput({ compute: 'azure-ml', candidates: 2, deploy: 'off' }));
      await until(() => begun.size === 2);
      await handle.cancel();
      const end = await followRun(handle, () => undefined);
      assert.equal(end.status, 'cancelled');
    });
    assert.deepEqual(ended, ['1', '2']);
  });
});
