import assert from 'node:assert/strict';
import type { ApprovalState } from '../../../domain/approval.ts';
import type { RunState } from '../../../domain/run-state.ts';
import { runBarometer } from '../../support/barometer.ts';
import { useRunCommands } from '../../support/run-commands.ts';
import type { NamedRun } from '../../support/run-commands.ts';
import { until } from '../../support/until.ts';

describe('barometer approve and reject', () => {
  const commands = useRunCommands();

  async function startWaiting(): Promise<NamedRun> {
    const run = await commands.start({ deploy: 'on', approval: true });
    await commands.untilListed(run, "Step = 'approve'");
    return run;
  }

  it('shows what is decided, lets it through, and says who, when and why', async () => {
    await commands.withWorkers(async () => {
      const run = await startWaiting();
      const { exitCode, stdout, stderr } = await commands.barometer('approve', run.runName, '--reason', 'better on sad faces', '--by', 'kim@example.com');
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, new RegExp(`^The rollout of run ${run.runName}\n`));
      assert.match(stderr, /accuracy +75\.0 % .*\n +champion +there is no earlier model/);
      assert.match(stderr, new RegExp(`images +registry\\.example/api:${run.gitSha}`));
      assert.match(stderr, /runs now +not known from here; BAROMETER_KUBECONFIG/);
      assert.match(stdout, new RegExp(`^Run ${run.runName}: approved by kim@example\\.com, \\S+ \\S+ UTC: better on sad faces\\.\nIt is rolled out now`));
      const state = (await run.handle.result()) as RunState;
      assert.deepEqual([state.outcome, state.approval!.by, state.approval!.reason], ['registered', 'kim@example.com', 'better on sad faces']);
      assert.match(await commands.outputOf('runs', 'show', run.runName), /approval +approved by kim@example\.com/);
    });
  });

  it('ends the waiting without a rollout, by whoever GitHub says started the job', async () => {
    await commands.withWorkers(async () => {
      const run = await startWaiting();
      const { exitCode, stdout, stderr } = await runBarometer(['reject', run.runName, '--reason', 'not on a Friday', '--json'], { ...commands.environment, GITHUB_ACTOR: 'octocat' });
      assert.equal(exitCode, 0, stderr);
      const { approval } = JSON.parse(stdout) as { approval: ApprovalState };
      assert.deepEqual([approval.decision, approval.by, approval.reason], ['rejected', 'octocat', 'not on a Friday']);
      const state = (await run.handle.result()) as RunState;
      assert.equal(state.outcome, 'not-approved');
      await commands.untilListed(run, "ExecutionStatus = 'Completed'");
      assert.match(await commands.complaintOf('approve', run.runName), /does not wait for a decision \(not approved\)\. It was rejected by octocat/);
      assert.match(await commands.outputOf('runs', 'show', run.runName), new RegExp(`Ask again: barometer retry ${run.runName} --from approve`));
    });
  });

  it('says so when no worker takes the decision', async () => {
    const run = await commands.withWorkers(startWaiting);
    assert.match(await commands.complaintOf('approve', run.runName, '--by', 'kim'), /No worker has taken the decision about run .*role "pipeline" running\?.*barometer worker/);
    await run.handle.terminate();
  });

  it('wants a reason for a no', async () => {
    assert.match(await commands.complaintOf('reject', 'latest'), /Say why: barometer reject RUN --reason/);
  });

  it('tells a run that does not wait from one that was never to', async () => {
    await commands.withWorkers(async () => {
      const run = await commands.start({ train: false });
      await run.handle.result();
      await commands.untilListed(run, "ExecutionStatus = 'Completed'");
      assert.match(await commands.complaintOf('approve', run.runName), /does not wait for a decision \(done, nothing trained\)\. It was started without --approval\./);
    });
  });

  it('is what a followed run asks for, which ends with an exit code of its own when the answer is no', async () => {
    await commands.withWorkers(async () => {
      const { gitSha, handle, runName } = await startWaiting();
      const following = commands.begin('run', '--git-sha', gitSha);
      try {
        await until(() => following.output().includes(`barometer approve ${runName}`));
        assert.match(following.output(), /waits for approval until \S+ \S+ UTC/);
        await commands.outputOf('reject', runName, '--reason', 'no', '--by', 'kim');
        const { exitCode, stdout } = await following.finished;
        assert.equal(exitCode, 4);
        assert.match(stdout, /Not rolled out: rejected by kim/);
        await handle.result();
      } finally {
        await following.kill();
      }
    });
  });
});
