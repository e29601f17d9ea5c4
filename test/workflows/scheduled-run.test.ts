import assert from 'node:assert/strict';
import { WorkflowFailedError } from '@temporalio/client';
import { beforeEach } from 'mocha';
import { createCheckNewImagesActivities } from '../../activities/check-new-images.ts';
import { createFindRunUnderWayActivities } from '../../activities/find-run-under-way.ts';
import { createNoteInventoryUsedActivities } from '../../activities/note-inventory-used.ts';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { createUsedInventoryStore } from '../../adapters/blob-storage/used-inventory-store.ts';
import { putSchedule, requireOurs } from '../../cli/schedules/schedules.ts';
import type { Turn } from '../../cli/schedules/schedules.ts';
import { takeTurn } from '../../cli/schedules/take-turn.ts';
import type { When } from '../../cli/schedules/when.ts';
import { Failure } from '../../domain/failure.ts';
import { toPipelineWorkflowId } from '../../domain/names.ts';
import type { RunState } from '../../domain/run-state.ts';
import { scheduledRunInputSchema } from '../../domain/scheduled-run.ts';
import { findUnderWay } from '../../workers/find-under-way.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';
import { useAzurite } from '../support/azurite.ts';
import { createDataActivities } from '../support/data-activities.ts';
import { createFakeActivities } from '../support/fake-activities.ts';
import type { PipelineActivities } from '../support/fake-activities.ts';
import { withWorkers } from '../support/pipeline-workers.ts';
import { runActivity } from '../support/run-activity.ts';
import { useTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

/** Its turns are only taken when a test asks for one. */
const WHEN: When = { spec: { intervals: [{ every: '30 days' }] }, text: 'every month' };
const LIMIT_MS = 120_000;

describe('a schedule that starts runs', () => {
  const temporal = useTemporal();
  const azurite = useAzurite();
  let blobs: BlobStore;
  let commits = 0xf00d;
  let gitSha: string;
  let id: string;

  beforeEach('upload images to a new account, for a commit that nobody has run', async () => {
    blobs = await azurite.newStore();
    await blobs.write('emotions', 'happy/a.png', 'x');
    commits += 1;
    gitSha = commits.toString(16).padStart(40, '0');
    id = `schedule-${commits}`;
  });

  function toActivities(replaced: Partial<PipelineActivities> = {}): PipelineActivities {
    const { ingest, datasets } = createDataActivities(blobs);
    const usedInventory = createUsedInventoryStore(blobs);
    return createFakeActivities({
      takeInventory: ingest.takeInventory,
      ...createCheckNewImagesActivities({ blobs, datasets, usedInventory }),
      ...createNoteInventoryUsedActivities({ datasets, usedInventory }),
      ...createFindRunUnderWayActivities({ findUnderWay, readOwnCommit: async () => gitSha }),
      ...replaced,
    });
  }

  async function put(condition: Readonly<Record<string, unknown>> = { onlyIfNewData: true }): Promise<'created' | 'updated'> {
    return putSchedule(temporal.env.client, { id, when: WHEN, input: scheduledRunInputSchema.parse({ when: WHEN.text, run: { deploy: 'off' }, ...condition }) });
  }

  async function turn(): Promise<Turn> {
    const { client } = temporal.env;
    return takeTurn(client, await requireOurs(client, id), LIMIT_MS);
  }

  async function outcome(): Promise<string> {
    const { result, status } = await turn();
    return result?.outcome ?? status;
  }

  /** The run of this test's commit, to its end, with what is noted then. */
  async function endRun(): Promise<RunState> {
    const state = (await temporal.env.client.workflow.getHandle(toPipelineWorkflowId(gitSha)).result()) as RunState;
    await runActivity(() => toActivities().noteInventoryUsed({ inventory: state.inventory!, trained: true }));
    return state;
  }

  /** What can be searched for comes a moment after what it is about. */
  async function requireRuns(number: number): Promise<void> {
    const countRuns = async () => (await temporal.env.client.workflow.count(`WorkflowType = 'pipeline' AND GitSha = '${gitSha}'`)).count;
    await until(async () => (await countRuns()) >= number);
    assert.equal(await countRuns(), number);
  }

  it('starts one run for new images, of the worker\'s own commit, and nothing more until there are others', async () => {
    await put();
    await withWorkers(temporal.env, toActivities(), async () => {
      const first = await turn();
      assert.equal(first.result?.outcome, 'started');
      assert.equal(first.result.workflowId, toPipelineWorkflowId(gitSha));
      await endRun();
      assert.equal(await outcome(), 'nothing-new');
      await requireRuns(1);
      await blobs.write('emotions', 'sad/b.png', 'x');
      assert.equal(await outcome(), 'started');
      await endRun();
    });
    await requireRuns(2);
  });

  it('starts a run as a person would: with its search attribute, summary and switches', async () => {
    await put({ onlyIfNewData: false, run: { deploy: 'off', candidates: 2, approvalLimitHours: 5 } });
    await withWorkers(temporal.env, toActivities(), async () => {
      const { result, workflowId, runId } = await turn();
      assert.equal(result?.outcome, 'started');
      const run = temporal.env.client.workflow.getHandle(result.workflowId!);
      const { typedSearchAttributes, staticSummary } = await describeWithSummary(result.workflowId!);
      assert.equal(typedSearchAttributes.get(SEARCH_ATTRIBUTES.gitSha), gitSha);
      assert.equal(staticSummary, `Pipeline for ${gitSha.slice(0, 7)}`);
      const { input } = (await run.result()) as RunState;
      assert.deepEqual({ candidates: input.candidates, hours: input.approvalLimitHours, reuse: input.reuse }, { candidates: 2, hours: 5, reuse: null });
      const turnOf = await temporal.env.client.workflow.getHandle(workflowId, runId).describe();
      assert.equal(turnOf.typedSearchAttributes.get(SEARCH_ATTRIBUTES.outcome), 'started');
    });
  });

  async function describeWithSummary(workflowId: string) {
    const description = await temporal.env.client.workflow.getHandle(workflowId).describe();
    return { typedSearchAttributes: description.typedSearchAttributes, staticSummary: await description.staticSummary() };
  }

  it('joins a run that is under way, however often its turn comes', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const activities = toActivities({
      async trainModel(request) {
        await released;
        return createFakeActivities().trainModel(request);
      },
    });
    await put({ onlyIfNewData: false });
    await withWorkers(temporal.env, activities, async () => {
      const started = await turn();
      assert.equal(started.result?.outcome, 'started');
      for (const again of [await turn(), await turn()]) {
        assert.equal(again.result?.outcome, 'joined');
        assert.equal(again.result.runId, started.result.runId);
      }
      release();
      await endRun();
    });
    await requireRuns(1);
  });

  it('waits while images are being uploaded', async () => {
    await put({ onlyIfNewData: true, settleMinutes: 10 });
    await withWorkers(temporal.env, toActivities(), async () => {
      assert.equal(await outcome(), 'uploads-under-way');
      await requireRuns(0);
    });
  });

  it('waits no longer than was said for images that go on coming', async () => {
    await put({ onlyIfNewData: true, settleMinutes: 10, mostWaitMinutes: 0.001 });
    await withWorkers(temporal.env, toActivities(), async () => {
      assert.equal(await outcome(), 'started');
      await endRun();
    });
  });

  it('does not start a run again and again that fails', async () => {
    const failing = toActivities({ planResize: () => Promise.reject(new Failure('too-many-refused', 'Too many are bad.')) });
    const fails = () => assert.rejects(temporal.env.client.workflow.getHandle(toPipelineWorkflowId(gitSha)).result(), WorkflowFailedError);
    await put();
    await withWorkers(temporal.env, failing, async () => {
      assert.equal(await outcome(), 'started');
      await fails();
      assert.equal(await outcome(), 'tried-already');
      assert.equal(await outcome(), 'tried-already');
      await blobs.write('emotions', 'sad/b.png', 'x');
      assert.equal(await outcome(), 'started');
      await fails();
    });
    await requireRuns(2);
  });

  it('is for the commit that was named, where one was', async () => {
    await put({ onlyIfNewData: false, gitSha });
    await withWorkers(temporal.env, toActivities({ findRunUnderWay: createFindRunUnderWayActivities({ findUnderWay, readOwnCommit: () => Promise.reject(new Error('not asked for')) }).findRunUnderWay }), async () => {
      assert.equal((await turn()).result?.gitSha, gitSha);
      await endRun();
    });
  });

  it('is changed when it is made again, and stays paused', async () => {
    assert.equal(await put(), 'created');
    const { client } = temporal.env;
    await client.schedule.getHandle(id).pause('too many people look at it');
    assert.equal(await put({ onlyIfNewData: false, when: 'another' }), 'updated');
    const { input, state, policies } = await requireOurs(client, id);
    assert.deepEqual({ when: input.when, onlyIfNewData: input.onlyIfNewData }, { when: 'another', onlyIfNewData: false });
    assert.deepEqual({ paused: state.paused, note: state.note }, { paused: true, note: 'too many people look at it' });
    assert.equal(policies.overlap, 'SKIP');
  });
});
