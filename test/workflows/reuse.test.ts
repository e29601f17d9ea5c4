import assert from 'node:assert/strict';
import { Failure } from '../../domain/failure.ts';
import { createFakeActivities } from '../support/fake-activities.ts';
import type { PipelineActivities } from '../support/fake-activities.ts';
import { stepOf, useWorkflowRuns } from '../support/workflow-runs.ts';

const FORMER = '20261120T015500Z-0a0b0c0';
const TRAINER = '20261118T015500Z-0d0e0f0';

describe('what earlier runs made, in the workflow', () => {
  const { runWell, run } = useWorkflowRuns();
  const fakes = createFakeActivities();

  /** Activities that find everything made already, and what they were asked. */
  function createKnowing() {
    const asked: Record<string, boolean | undefined> = {};
    const activities: Partial<PipelineActivities> = {
      async takeInventory(request) {
        asked['ingest'] = request.useCache;
        return { ...(await fakes.takeInventory(request)), cachedFrom: FORMER };
      },
      async planResize(request) {
        asked['resize'] = request.useCache;
        const dataset = { ...(await fakes.publishDataset({ ...request, gitSha: '', previousDataset: null, batches: [] })), version: FORMER, newSamples: 0, unchanged: true };
        return { batches: 0, newImages: 0, unchangedImages: 12, removedImages: 0, previousDataset: FORMER, former: { dataset, cachedFrom: FORMER } };
      },
      publishDataset: () => Promise.reject(new Failure('data-corrupt', 'There was nothing to publish.')),
      async splitDataset(request) {
        asked['split'] = request.useCache;
        return { ...(await fakes.splitDataset(request)), cachedFrom: FORMER };
      },
      async trainModel(request) {
        asked['train'] = request.useCache;
        return { ...(await fakes.trainModel(request)), cachedFrom: TRAINER };
      },
      async evaluateCandidate(request) {
        asked['evaluate'] = request.useCache;
        return { ...(await fakes.evaluateCandidate(request)), cachedFrom: FORMER };
      },
      async registerModel(request) {
        asked['register'] = request.useCache;
        return { ...(await fakes.registerModel(request)), cachedFrom: TRAINER };
      },
    };
    return { activities, asked };
  }

  const STEPS = ['ingest', 'resize', 'split', 'train', 'evaluate', 'register'] as const;

  it('is used, and every step says from which run', async () => {
    const state = await runWell({}, createKnowing().activities);
    assert.deepEqual(STEPS.map((step) => stepOf(state, step).cachedFrom), [FORMER, FORMER, FORMER, TRAINER, FORMER, TRAINER]);
    assert.deepEqual(STEPS.map((step) => stepOf(state, step).note), [
      `as in run ${FORMER}: 12 images: 3 happy, 3 sad, 3 angry, 3 fearful`,
      `as in run ${FORMER}: 12 images; nothing new, data set ${FORMER} stays`,
      `as in run ${FORMER}: 12 to train on, 12 to test on`,
      `as in run ${TRAINER}: best epoch 4 of 5 (stopped early), validation 60.0 %, 400 images/s`,
      `as in run ${FORMER}: 58.0 % of 12 unseen images right; passes the gate`,
      `as in run ${TRAINER}: emotions-cnn version 7 has this network already`,
    ]);
    assert.equal(state.datasetVersion, FORMER);
    assert.deepEqual(state.model, { name: 'emotions-cnn', version: 7, accuracy: 0.58 });
  });

  it('is asked for unless the run is to do everything anew', async () => {
    for (const cache of [true, false]) {
      const { activities, asked } = createKnowing();
      await runWell({ cache }, activities);
      assert.deepEqual(asked, Object.fromEntries(STEPS.map((step) => [step, cache])));
    }
  });

  it('is nobody\'s where the run did the work itself', async () => {
    const state = await runWell({});
    for (const { step, cachedFrom, note } of state.steps) assert.ok(cachedFrom === null && !note.includes('as in run'), `${step}: ${note}`);
  });

  it('counts for several candidates only when it was none that had to be trained', async () => {
    const train = (known: readonly string[]): Partial<PipelineActivities> => ({
      trainModel: async (request) => ({ ...(await fakes.trainModel(request)), cachedFrom: known.includes(request.spec.runName.split('.')[1]!) ? TRAINER : null }),
    });
    const all = stepOf(await runWell({ candidates: 2 }, train(['c1', 'c2'])), 'train');
    assert.equal(all.cachedFrom, TRAINER);
    assert.match(all.note, new RegExp(`^as in run ${TRAINER}: c1 of 2 candidates: best epoch 4 of 5 [^;]*$`));
    const one = stepOf(await runWell({ candidates: 2 }, train(['c2'])), 'train');
    assert.equal(one.cachedFrom, null);
    assert.match(one.note, new RegExp(`^c1 of 2 candidates: .*; c2 as in run ${TRAINER}$`));
  });

  it('is not made to look like a result where a step failed', async () => {
    const { activities } = createKnowing();
    const end = await run({}, { ...activities, splitDataset: () => Promise.reject(new Failure('too-few-samples', 'Too few.')) });
    assert.equal(end.status, 'failed');
    assert.equal(stepOf(end.state, 'split').cachedFrom, null);
  });
});
