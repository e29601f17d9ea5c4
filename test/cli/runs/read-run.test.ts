import assert from 'node:assert/strict';
import type { RunDetails } from '../../../cli/runs/read-run.ts';
import { readRun } from '../../../cli/runs/read-run.ts';
import { toNextSteps } from '../../../cli/output/next-steps.ts';
import { Failure } from '../../../domain/failure.ts';
import { createFakeActivities } from '../../support/fake-activities.ts';
import { useRunCommands } from '../../support/run-commands.ts';
import { until } from '../../support/until.ts';
import { stepOf } from '../../support/workflow-runs.ts';

const AWAY = 'The storage account did not answer.';

describe('what there is to know of a run', () => {
  const commands = useRunCommands();
  const read = (name: string): Promise<RunDetails> => readRun(name, commands.sources);

  it('is its state and how often each step was tried, when it ended well', async () => {
    let calls = 0;
    const { runId } = await commands.withWorkers(
      async () => {
        const run = await commands.start();
        await run.handle.result();
        return run;
      },
      {
        splitDataset: async (request) => {
          calls += 1;
          if (calls === 1) throw new Failure('dependency-unavailable', AWAY);
          return createFakeActivities().splitDataset(request);
        },
      },
    );
    // Nobody need answer any more.
    const { entry, state, reason, history, isAnswered } = await read(runId);
    assert.deepEqual([entry.status, entry.outcome, state!.outcome, reason, isAnswered], ['succeeded', 'registered', 'registered', null, null]);
    assert.deepEqual(Object.fromEntries(history!.attempts), { ingest: 1, resize: 1, split: 2, train: 1, evaluate: 1, register: 1 });
    assert.deepEqual([...history!.retried.keys()], ['split']);
    assert.deepEqual(history!.retried.get('split'), [{ activity: 'splitDataset', attempts: 2, lastFailure: AWAY, nextAttemptAt: null, mostAttempts: null, isUnderWay: false }]);
  });

  it('is why it failed and what it had made, and what to do', async () => {
    const { runId, runName } = await commands.withWorkers(
      async () => {
        const run = await commands.start();
        await assert.rejects(run.handle.result());
        return run;
      },
      { trainModel: () => Promise.reject(new Failure('training-failed', 'The loss is not a number.')) },
    );
    const details = await read(runId);
    assert.deepEqual([details.entry.status, details.reason], ['failed', 'The loss is not a number.']);
    assert.equal(details.state!.splitVersion, `${runName}.test-0.2`);
    assert.deepEqual(toNextSteps(details), [`Try again from there: barometer retry ${runName} --from train`]);
  });

  it('is what a step that is tried again failed with, and when it is tried next', async () => {
    await commands.withWorkers(
      async () => {
        const { runId, handle } = await commands.start();
        const details = await readUntil(runId, ({ history }) => {
          const tried = history?.retried.get('split')?.[0];
          // Between two tries, not in the middle of one.
          return tried !== undefined && tried.attempts >= 2 && tried.nextAttemptAt !== null;
        });
        assert.equal(details.isAnswered, true);
        assert.equal(stepOf(details.state, 'split').status, 'running');
        const [retried] = details.history!.retried.get('split')!;
        assert.deepEqual([retried!.activity, retried!.lastFailure, retried!.isUnderWay], ['splitDataset', AWAY, true]);
        assert.ok(Date.parse(retried!.nextAttemptAt!) > Date.parse(details.entry.startedAt));
        await handle.terminate();
      },
      { splitDataset: () => Promise.reject(new Failure('dependency-unavailable', AWAY)) },
    );
  });

  it('is that nobody answers where no worker is running', async () => {
    const { runId, handle } = await commands.start();
    const details = await read(runId);
    assert.deepEqual([details.entry.status, details.state, details.history!.attempts.size], ['running', null, 0]);
    await handle.terminate('enough');
    await until(async () => (await read(runId)).entry.status === 'cancelled');
    assert.equal((await read(runId)).history!.terminated, 'enough');
  });

  it('is what it has filed when Temporal has forgotten it', async () => {
    const run = await commands.withWorkers(async () => {
      const started = await commands.start({ train: false });
      await started.handle.result();
      return started;
    });
    const filed = (await commands.stores.runs.findFiledRun(run.runName))!;
    assert.deepEqual([filed.workflowId, filed.runId, filed.state.outcome], [run.workflowId, run.runId, 'completed']);
    const runName = `20200101T000000Z-${run.gitSha.slice(0, 7)}`;
    await commands.stores.runs.saveFiledRun({ ...filed, state: { ...filed.state, runName } });
    const { state, history } = await read(runName);
    assert.deepEqual([state!.runName, history], [runName, null]);
  });

  async function readUntil(runId: string, holds: (details: RunDetails) => boolean): Promise<RunDetails> {
    let details: RunDetails | undefined;
    // The list of runs may be some moments behind the run.
    await until(async () => {
      details = await read(runId).catch(() => undefined);
      return details !== undefined && holds(details);
    });
    return details!;
  }
});
