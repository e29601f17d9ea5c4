import assert from 'node:assert/strict';
import { runStateQuery } from '../../../workflows/contract.ts';
import { useRunCommands } from '../../support/run-commands.ts';
import { until } from '../../support/until.ts';
import { untilCancelled } from '../../support/until-cancelled.ts';
import { stepOf } from '../../support/workflow-runs.ts';

describe('barometer cancel', () => {
  const commands = useRunCommands();

  it('ends a run, waits until its training has ended, and keeps the reason', async () => {
    let ended = false;
    await commands.withWorkers(
      async () => {
        const { runName, runId, handle } = await commands.start();
        await until(async () => stepOf(await handle.query(runStateQuery), 'train').status === 'running');
        const { exitCode, stdout, stderr } = await commands.barometer('cancel', runId, '--reason', 'wrong images');
        assert.equal(exitCode, 0, stderr);
        assert.equal(ended, true, 'it came back before the training had ended');
        assert.equal((await handle.describe()).status.name, 'CANCELLED');
        assert.match(stderr, new RegExp(`^Asked run ${runName} to end\\.\n`));
        assert.match(stdout, new RegExp(`The run has ended\\. Go on from there: barometer retry ${runName}`));
        const shown = await commands.outputOf('runs', 'show', runName);
        assert.match(shown, /: cancelled at train\n/);
        assert.match(shown, /asked to stop +\S+ \S+ UTC: wrong images/);
      },
      {
        trainModel: async () => {
          await untilCancelled().finally(() => { ended = true; });
          throw new Error('it was not cancelled');
        },
      },
    );
  });

  it('asks and returns when it is not to wait', async () => {
    const run = await commands.start();
    const { runId, handle } = run;
    await commands.untilListed(run, "ExecutionStatus = 'Running'");
    const { status } = JSON.parse(await commands.outputOf('cancel', runId, '--no-wait', '--json')) as { status: string };
    assert.equal(status, 'cancelling');
    assert.equal((await handle.describe()).raw.workflowExtendedInfo?.cancelRequested, true);
    await handle.terminate();
  });

  it('refuses a run that is over', async () => {
    const run = await commands.withWorkers(async () => {
      const started = await commands.start({ train: false });
      await started.handle.result();
      return started;
    });
    assert.match(await commands.complaintOf('cancel', run.workflowId), new RegExp(`Run ${run.runName} is over \\(done, nothing trained\\): there is nothing to cancel`));
  });
});
