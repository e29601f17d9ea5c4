import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { describe, it } from 'mocha';
import { followRun, startPipeline } from '../../cli/pipeline-runs.ts';
import { Failure } from '../../domain/failure.ts';
import { runStateQuery, SEARCH_ATTRIBUTES, stepProgressSignal } from '../../workflows/contract.ts';
import { createFakeActivities, TURNED_AWAY } from '../support/fake-activities.ts';
import { withWorkers } from '../support/pipeline-workers.ts';
import { untilCancelled } from '../support/until-cancelled.ts';
import { until } from '../support/until.ts';
import { stepOf, useWorkflowRuns } from '../support/workflow-runs.ts';

describe('the pipeline workflow', () => {
  const { temporal, newInput, run, runWell } = useWorkflowRuns();

  it('takes images to a registered model, step by step', async () => {
    const state = await runWell({});
    assert.equal(state.outcome, 'registered');
    assert.deepEqual(state.model, { name: 'emotions-cnn', version: 7, accuracy: 0.58 });
    assert.match(state.runName, /^\d{8}T\d{6}Z-[0-9a-f]{7}$/);
    const statuses = Object.fromEntries(state.steps.map(({ step, status }) => [step, status]));
    assert.deepEqual(statuses, {
      ingest: 'succeeded',
      resize: 'succeeded',
      split: 'succeeded',
      train: 'succeeded',
      evaluate: 'succeeded',
      register: 'succeeded',
      'build-image': 'skipped',
      approve: 'skipped',
      'roll-out': 'skipped',
    });
    for (const { step, status, startedAt, endedAt } of state.steps) {
      if (status !== 'succeeded') continue;
      assert.ok(startedAt !== null && endedAt !== null && startedAt <= endedAt, `${step} has its times`);
    }
  });

  it('hands every step the output of the one before', async () => {
    const seen: Record<string, unknown> = {};
    const state = await runWell({ splitRatio: 0.3, hyperparameters: { epochs: 9 } }, {
      splitDataset: async (request) => {
        seen['split'] = request.datasetVersion;
        return createFakeActivities().splitDataset(request);
      },
      trainModel: async (request) => {
        seen['train'] = request.spec;
        return createFakeActivities().trainModel(request);
      },
    });
    assert.equal(seen['split'], state.runName);
    const spec = seen['train'] as { splitVersion: string; gitSha: string; hyperparameters: { epochs: number } };
    assert.equal(spec.splitVersion, `${state.runName}.test-0.3`);
    assert.equal(spec.gitSha, state.gitSha);
    assert.equal(spec.hyperparameters.epochs, 9);
  });

  it('uses the newest data set when processing is switched off, and says so', async () => {
    let splitOf = '';
    const state = await runWell({ process: false }, {
      splitDataset: async (request) => {
        splitOf = request.datasetVersion;
        return createFakeActivities().splitDataset(request);
      },
    });
    assert.equal(splitOf, 'older-dataset');
    assert.equal(stepOf(state, 'resize').status, 'skipped');
    assert.equal(stepOf(state, 'resize').note, 'Switched off; data set older-dataset is used.');
  });

  it('trains on the newest split when splitting is switched off, and says which', async () => {
    const state = await runWell({ process: false, split: false });
    assert.equal(state.splitVersion, 'older-split');
    assert.equal(stepOf(state, 'split').status, 'skipped');
    assert.match(stepOf(state, 'split').note, /older-split/);
    assert.equal(state.outcome, 'registered');
  });

  it('ends as completed when training is switched off', async () => {
    const state = await runWell({ train: false });
    assert.equal(state.outcome, 'completed');
    assert.equal(state.model, null);
    for (const step of ['train', 'evaluate', 'register'] as const) assert.equal(stepOf(state, step).status, 'skipped');
  });

  it('fails with a clear message when a skipped step has left nothing', async () => {
    const end = await run({ process: false, split: false }, {
      findNewestSplit: async () => {
        throw new Failure('nothing-to-use', 'There is no split yet. Run with splitting switched on.');
      },
    });
    assert.equal(end.status, 'failed');
    assert.equal('reason' in end && end.reason, 'There is no split yet. Run with splitting switched on.');
    assert.equal(stepOf(end.state, 'train').status, 'failed');
  });

  it('turns a candidate away without failing', async () => {
    let registered = false;
    const state = await runWell({}, {
      evaluateCandidate: async () => TURNED_AWAY,
      registerModel: async () => {
        registered = true;
        return { name: 'emotions-cnn', version: 8, accuracy: 0.2, cachedFrom: null };
      },
    });
    assert.equal(state.outcome, 'rejected');
    assert.deepEqual(state.gate, TURNED_AWAY.gate);
    assert.equal(state.accuracy, 0.2);
    assert.equal(registered, false);
    assert.equal(stepOf(state, 'register').status, 'skipped');
  });

  it('tries again after a failure that may pass', async () => {
    let attempts = 0;
    const state = await runWell({}, {
      takeInventory: async (request) => {
        attempts += 1;
        if (attempts < 3) throw new Failure('dependency-unavailable', 'The storage account does not answer.');
        return createFakeActivities().takeInventory(request);
      },
    });
    assert.equal(attempts, 3);
    assert.equal(state.outcome, 'registered');
  });

  it('does not try again after a failure that stays, and names step and reason', async () => {
    let attempts = 0;
    const end = await run({}, {
      publishDataset: async () => {
        attempts += 1;
        throw new Failure('too-many-refused', '9 of 12 raw images can\'t be used.');
      },
    });
    assert.equal(attempts, 1);
    assert.equal(end.status, 'failed');
    assert.equal('reason' in end && end.reason, "9 of 12 raw images can't be used.");
    assert.equal(stepOf(end.state, 'resize').status, 'failed');
    assert.equal(stepOf(end.state, 'resize').note, "9 of 12 raw images can't be used.");
    assert.equal(stepOf(end.state, 'split').status, 'pending');
  });

  it('gives the failure its kind as type', async () => {
    const { client } = temporal.env;
    const failing = createFakeActivities({
      splitDataset: async () => {
        throw new Failure('too-few-samples', 'No fearful faces.');
      },
    });
    await withWorkers(temporal.env, failing, async () => {
      const { handle } = await startPipeline(client, newInput());
      const error = await handle.result().then(() => null, (reason: unknown) => reason);
      assert.ok(error instanceof WorkflowFailedError);
      const failure = error.cause?.cause;
      assert.ok(failure instanceof ApplicationFailure);
      assert.equal(failure.type, 'too-few-samples');
    });
  });

  it('fans out over batches, a bounded number at a time', async () => {
    const BATCHES = 40;
    let running = 0;
    let most = 0;
    const done = new Set<number>();
    const state = await runWell({}, {
      planResize: async () => ({ batches: BATCHES, newImages: BATCHES, unchangedImages: 0, removedImages: 0, previousDataset: null }),
      resizeBatch: async ({ batch }) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        done.add(batch);
        return { shard: `shard-${batch}`, samples: 1, refused: 0 };
      },
    });
    assert.equal(state.outcome, 'registered');
    assert.equal(done.size, BATCHES);
    assert.ok(most <= 16, `${most} at a time`);
  });

  it('cancels the training and waits until it has ended', async () => {
    const { client } = temporal.env;
    const { promise: training, resolve: begun } = Promise.withResolvers<void>();
    let ended = false;
    const slow = createFakeActivities({
      trainModel: async () => {
        begun();
        return untilCancelled().finally(() => { ended = true; });
      },
    });
    await withWorkers(temporal.env, slow, async () => {
      const { handle } = await startPipeline(client, newInput());
      await training;
      await handle.cancel();
      const end = await followRun(handle, () => undefined);
      assert.equal(end.status, 'cancelled');
      assert.equal(ended, true);
      assert.equal(stepOf(end.state, 'train').status, 'cancelled');
      const error = await handle.result().then(() => null, (reason: unknown) => reason);
      assert.ok(error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure);
    });
  });

  it('joins the run of the same commit that is under way', async () => {
    const { client } = temporal.env;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let trainings = 0;
    const held = createFakeActivities({
      trainModel: async (request) => {
        trainings += 1;
        await released;
        return createFakeActivities().trainModel(request);
      },
    });
    await withWorkers(temporal.env, held, async () => {
      const input = newInput();
      const first = await startPipeline(client, input);
      const second = await startPipeline(client, input);
      assert.equal(first.joined, false);
      assert.equal(second.joined, true);
      assert.equal(second.runId, first.runId);
      release();
      await Promise.all([first.handle.result(), second.handle.result()]);
      assert.equal(trainings, 1);
      const again = await startPipeline(client, input);
      assert.equal(again.joined, false);
      assert.notEqual(again.runId, first.runId);
      await again.handle.result();
    });
  });

  it('shows progress of a running step, and ignores progress of one that is not', async () => {
    const { client } = temporal.env;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: training, resolve: begun } = Promise.withResolvers<void>();
    const held = createFakeActivities({
      trainModel: async (request) => {
        begun();
        await released;
        return createFakeActivities().trainModel(request);
      },
    });
    await withWorkers(temporal.env, held, async () => {
      const { handle } = await startPipeline(client, newInput());
      await training;
      await handle.signal(stepProgressSignal, { step: 'train', note: 'epoch 3 of 60' });
      await handle.signal(stepProgressSignal, { step: 'ingest', note: 'too late' });
      const during = await handle.query(runStateQuery);
      assert.equal(stepOf(during, 'train').note, 'epoch 3 of 60');
      assert.notEqual(stepOf(during, 'ingest').note, 'too late');
      assert.match(await readDetails(handle), /epoch 3 of 60/);
      release();
      await handle.result();
    });
  });

  it('can be searched by commit, outcome, accuracy and model version', async () => {
    const state = await runWell({});
    const { client } = temporal.env;
    await until(async () => (await client.workflow.count(`GitSha = "${state.gitSha}" AND Outcome = "registered"`)).count === 1);
    const { typedSearchAttributes } = await client.workflow.getHandle(`pipeline-${state.gitSha}`).describe();
    assert.equal(typedSearchAttributes.get(SEARCH_ATTRIBUTES.outcome), 'registered');
    assert.equal(typedSearchAttributes.get(SEARCH_ATTRIBUTES.accuracy), 0.58);
    assert.equal(typedSearchAttributes.get(SEARCH_ATTRIBUTES.modelVersion), 7);
  });

  /** The Markdown that the Temporal UI shows above the history. */
  async function readDetails(handle: WorkflowHandle): Promise<string> {
    const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    return metadata.currentDetails ?? '';
  }
});
