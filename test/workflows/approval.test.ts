import assert from 'node:assert/strict';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import type { ApprovalState, Decision } from '../../domain/approval.ts';
import type { NotificationEvent } from '../../domain/notification.ts';
import type { PipelineInput } from '../../domain/pipeline.ts';
import type { RunState } from '../../domain/run-state.ts';
import { approveUpdate, rejectUpdate, runStateQuery } from '../../workflows/contract.ts';
import { followRun, startPipeline } from '../../cli/pipeline-runs.ts';
import { createDeployingActivities } from '../support/deploying-activities.ts';
import type { DeployingActivities } from '../support/deploying-activities.ts';
import { withWorkers } from '../support/pipeline-workers.ts';
import { until } from '../support/until.ts';
import { stepOf, useWorkflowRuns } from '../support/workflow-runs.ts';

const DECISION: Decision = { by: 'kim@example.com', reason: 'Looks good.' };

describe('a rollout that waits for a person', () => {
  const { temporal, newInput } = useWorkflowRuns();

  /** Brings a run to where it waits, and hands it over. */
  async function whileWaiting(
    switches: Partial<PipelineInput>,
    work: (handle: WorkflowHandle, deploying: DeployingActivities) => Promise<void>,
  ): Promise<{ state: RunState; deploying: DeployingActivities }> {
    const deploying = createDeployingActivities();
    return withWorkers(temporal.env, deploying.activities, async () => {
      const { handle } = await startPipeline(temporal.env.client, newInput({ deploy: 'on', approval: true, ...switches }));
      await until(async () => (await handle.query(runStateQuery)).approval !== null);
      await work(handle, deploying);
      const end = await followRun(handle, () => undefined);
      assert.equal(end.status, 'succeeded', 'reason' in end ? end.reason : '');
      return { state: end.state, deploying };
    });
  }

  it('goes on when somebody lets it through, and says who', async () => {
    const { state, deploying } = await whileWaiting({}, async (handle, { rollouts }) => {
      assert.equal(rollouts.length, 0);
      const waiting = await handle.query(runStateQuery);
      assert.equal(stepOf(waiting, 'approve').status, 'running');
      assert.ok(waiting.report !== null, 'there is something to decide by');
      const approval = await handle.executeUpdate<ApprovalState, [Decision]>(approveUpdate, { args: [DECISION] });
      assert.equal(approval.decision, 'approved');
    });
    assert.equal(state.outcome, 'registered');
    assert.equal(stepOf(state, 'approve').note, 'approved by kim@example.com: Looks good.');
    assert.equal(deploying.rollouts.length, 1);
  });

  it('is left out when somebody turns it down, which is a result and no failure', async () => {
    const { state, deploying } = await whileWaiting({}, async (handle) => {
      await handle.executeUpdate(rejectUpdate, { args: [DECISION] });
    });
    assert.equal(state.outcome, 'not-approved');
    assert.equal(state.model?.version, 7);
    assert.equal(stepOf(state, 'roll-out').status, 'skipped');
    assert.equal(deploying.rollouts.length, 0);
  });

  it('is turned down when nobody decides in time', async () => {
    const { state } = await whileWaiting({ approvalLimitHours: 1 / 3600 }, async () => undefined);
    assert.equal(state.outcome, 'not-approved');
    assert.deepEqual([state.approval!.decision, state.approval!.by, state.approval!.reason], ['rejected', null, 'Nobody decided in time.']);
  });

  it('refuses who does not say who they are, and a rejection without a reason, and leaves no trace of it', async () => {
    await whileWaiting({}, async (handle) => {
      await refuses(handle, 'approve', { by: ' ', reason: '' }, /who decides/);
      await refuses(handle, 'reject', { by: 'kim', reason: '' }, /needs a reason/);
      const { events } = await handle.fetchHistory();
      assert.ok(!events!.some(({ workflowExecutionUpdateAcceptedEventAttributes: accepted }) => accepted));
      await handle.executeUpdate(approveUpdate, { args: [DECISION] });
      await refuses(handle, 'reject', DECISION, /was approved already, by kim@example\.com|over/).catch((error: unknown) => {
        // The run may be over by now: the server says so itself.
        if (error instanceof assert.AssertionError) throw error;
      });
    });
  });

  it('refuses a decision when nothing waits for one', async () => {
    const holding = Promise.withResolvers<undefined>();
    const deploying = createDeployingActivities();
    const activities = { ...deploying.activities, buildImage: async (request: Parameters<typeof deploying.activities.buildImage>[0]) => {
      await holding.promise;
      return deploying.activities.buildImage(request);
    } };
    await withWorkers(temporal.env, activities, async () => {
      const { handle } = await startPipeline(temporal.env.client, newInput({ deploy: 'on' }));
      await until(async () => stepOf(await handle.query(runStateQuery), 'build-image').status === 'running');
      await refuses(handle, 'approve', DECISION, /does not wait/);
      holding.resolve(undefined);
      await handle.result();
    });
  });

  it('has those told who want to know', async () => {
    const { deploying } = await whileWaiting({}, async (handle) => {
      await handle.executeUpdate(approveUpdate, { args: [DECISION] });
    });
    assert.deepEqual(deploying.announced, ['approval-needed', 'succeeded'] satisfies NotificationEvent[]);
  });

  it('is not asked about when there is nothing to roll out', async () => {
    const deploying = createDeployingActivities({ rollOut: { ready: false, why: 'There is no cluster.' } });
    await withWorkers(temporal.env, deploying.activities, async () => {
      const { handle } = await startPipeline(temporal.env.client, newInput({ deploy: 'auto', approval: true }));
      const state = (await handle.result()) as RunState;
      assert.deepEqual([stepOf(state, 'approve').status, stepOf(state, 'approve').note], ['skipped', 'There is no cluster.']);
      assert.equal(state.outcome, 'registered');
    });
  });

  async function refuses(handle: WorkflowHandle, name: 'approve' | 'reject', decision: Decision, why: RegExp): Promise<void> {
    await assert.rejects(handle.executeUpdate(name, { args: [decision] }), (error) => {
      assert.ok(error instanceof WorkflowUpdateFailedError, String(error));
      assert.match(error.cause!.message, why);
      return true;
    });
  }
});
