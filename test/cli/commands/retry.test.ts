import assert from 'node:assert/strict';
import type { RunState } from '../../../domain/run-state.ts';
import { Failure } from '../../../domain/failure.ts';
import { createFakeActivities } from '../../support/fake-activities.ts';
import type { PipelineActivities } from '../../support/fake-activities.ts';
import { newGitSha, useRunCommands } from '../../support/run-commands.ts';
import type { NamedRun } from '../../support/run-commands.ts';
import { stepOf } from '../../support/workflow-runs.ts';

const BROKEN: Partial<PipelineActivities> = { evaluateCandidate: () => Promise.reject(new Failure('data-corrupt', 'The candidate is damaged.')) };

describe('barometer retry', () => {
  const commands = useRunCommands();

  async function fail(): Promise<NamedRun> {
    return commands.withWorkers(async () => {
      const run = await commands.start();
      await assert.rejects(run.handle.result());
      return run;
    }, BROKEN);
  }

  it('begins with the step that failed, does nothing twice, and follows the new run', async () => {
    const failed = await fail();
    const counts = { trained: 0, evaluated: 0 };
    const fakes = createFakeActivities();
    await commands.withWorkers(
      async () => {
        const { exitCode, stdout, stderr } = await commands.barometer('retry', failed.workflowId);
        assert.equal(exitCode, 0, stderr);
        assert.match(stderr, new RegExp(`^Beginning at evaluate with what run ${failed.runName} has made\\.`));
        assert.match(stdout, /Registered emotions-cnn version 7/);
      },
      {
        trainModel: (request) => { counts.trained += 1; return fakes.trainModel(request); },
        evaluateCandidate: (request) => { counts.evaluated += 1; return fakes.evaluateCandidate(request); },
      },
    );
    assert.deepEqual(counts, { trained: 0, evaluated: 1 });
    const state = (await commands.env.client.workflow.getHandle(failed.workflowId).result()) as RunState;
    assert.deepEqual([state.outcome, state.gitSha, state.splitVersion], ['registered', failed.gitSha, `${failed.runName}.test-0.2`]);
    assert.equal(stepOf(state, 'train').cachedFrom, failed.runName);
  });

  it('begins where it is told, with the commit that it is told', async () => {
    const failed = await fail();
    const gitSha = newGitSha();
    await commands.withWorkers(async () => {
      const answer = JSON.parse(await commands.outputOf('retry', failed.runName, '--from', 'split', '--git-sha', gitSha, '--no-cache', '--json')) as { state: RunState };
      assert.equal(answer.state.gitSha, gitSha);
      assert.deepEqual([answer.state.input.reuse!.from, answer.state.input.reuse!.runName, answer.state.input.cache], ['split', failed.runName, false]);
      assert.equal(stepOf(answer.state, 'resize').cachedFrom, failed.runName);
      assert.equal(stepOf(answer.state, 'split').cachedFrom, null);
    });
  });

  it('refuses a step that the run has not come to', async () => {
    const failed = await fail();
    assert.match(await commands.complaintOf('retry', failed.runName, '--from', 'register'), /has no evaluation to begin "register" with\. Begin with --from evaluate/);
  });

  it('asks where to begin when all is done', async () => {
    const run = await commands.withWorkers(async () => {
      const started = await commands.start({ train: false });
      await started.handle.result();
      return started;
    });
    assert.match(await commands.complaintOf('retry', run.workflowId), /Run .* has done all its steps\. Say with --from/);
  });

  it('does not join a run of the commit that is under way, nor retry that', async () => {
    const failed = await fail();
    const again = await commands.start({ gitSha: failed.gitSha });
    await commands.untilListed(again, "ExecutionStatus = 'Running'");
    const complaint = await commands.complaintOf('retry', failed.runId);
    assert.ok(complaint.includes(`Run ${again.runName} of commit ${failed.gitSha.slice(0, 7)} is under way`), complaint);
    assert.ok(complaint.includes(`barometer cancel ${again.runName}`));
    assert.match(await commands.complaintOf('retry', again.runId), /still under way\. Cancel it first: barometer cancel/);
    await again.handle.terminate();
  });
});
