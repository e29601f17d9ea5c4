import assert from 'node:assert/strict';
import { before } from 'mocha';
import { findNewestRun, listRuns } from '../../../cli/runs/list-runs.ts';
import type { RunFilter } from '../../../cli/runs/list-runs.ts';
import { Failure } from '../../../domain/failure.ts';
import { TURNED_AWAY } from '../../support/fake-activities.ts';
import { useRunCommands } from '../../support/run-commands.ts';
import type { NamedRun } from '../../support/run-commands.ts';

describe('the list of runs', () => {
  const commands = useRunCommands();
  const runs: Record<string, NamedRun> = {};
  const names = async (filter: RunFilter, limit = 100) => {
    const found = await listRuns(commands.env.client, filter, limit);
    return found.map(({ runId }) => Object.keys(runs).find((name) => runs[name]!.runId === runId));
  };

  before('have a run of every kind', async () => {
    await commands.withWorkers(async () => {
      runs['registered'] = await commands.start();
      await runs['registered'].handle.result();
      runs['completed'] = await commands.start({ train: false });
      await runs['completed'].handle.result();
    });
    await commands.withWorkers(
      async () => {
        runs['rejected'] = await commands.start();
        await runs['rejected'].handle.result();
      },
      { evaluateCandidate: async () => TURNED_AWAY },
    );
    await commands.withWorkers(
      async () => {
        runs['failed'] = await commands.start();
        await assert.rejects(runs['failed'].handle.result());
      },
      { splitDataset: () => Promise.reject(new Failure('too-few-samples', 'There are too few.')) },
    );
    await commands.withWorkers(async () => {
      runs['waiting'] = await commands.start({ deploy: 'on', approval: true });
      await commands.untilListed(runs['waiting'], "Step = 'approve'");
    });
    runs['cancelled'] = await commands.start();
    await runs['cancelled'].handle.terminate('enough');
    runs['running'] = await commands.start();
    await commands.untilListed(runs['cancelled'], "ExecutionStatus = 'Terminated'");
    await commands.untilListed(runs['running'], "ExecutionStatus = 'Running'");
  });

  it('has them all, the newest first, as they stand', async () => {
    const entries = await listRuns(commands.env.client, {}, 100);
    assert.deepEqual(
      entries.map(({ status, step, outcome, accuracy, modelVersion, endedAt }) => [status, step, outcome, accuracy, modelVersion, endedAt !== null]),
      [
        ['running', null, null, null, null, false],
        ['cancelled', null, null, null, null, true],
        ['waiting', 'approve', null, 0.58, 7, false],
        ['failed', 'split', null, null, null, true],
        ['succeeded', 'evaluate', 'rejected', 0.2, null, true],
        ['succeeded', 'split', 'completed', null, null, true],
        ['succeeded', 'register', 'registered', 0.58, 7, true],
      ],
    );
    assert.deepEqual([entries[6]!.runName, entries[6]!.gitSha], [runs['registered']!.runName, runs['registered']!.gitSha]);
  });

  it('can be of one status, outcome or commit', async () => {
    assert.deepEqual(await names({ status: 'running' }), ['running', 'waiting']);
    for (const status of ['waiting', 'failed', 'cancelled'] as const) assert.deepEqual(await names({ status }), [status]);
    assert.deepEqual(await names({ status: 'succeeded' }), ['rejected', 'completed', 'registered']);
    for (const outcome of ['registered', 'rejected', 'completed'] as const) assert.deepEqual(await names({ outcome }), [outcome]);
    assert.deepEqual(await names({ outcome: 'not-approved' }), []);
    for (const digits of [7, 40]) assert.deepEqual(await names({ gitSha: runs['failed']!.gitSha.slice(0, digits) }), ['failed']);
  });

  it('ends at its limit, and turns pages up to it', async () => {
    assert.equal((await names({}, 3)).length, 3);
    const pages = await Array.fromAsync(commands.env.client.workflow.list({ query: "WorkflowType = 'pipeline'", pageSize: 2 }));
    assert.equal(pages.length, 7);
  });

  it('knows what began last, though others ended later', async () => {
    assert.equal((await findNewestRun(commands.env.client, {}))!.runId, runs['running']!.runId);
    assert.equal((await findNewestRun(commands.env.client, { status: 'succeeded' }))!.runId, runs['rejected']!.runId);
    assert.equal(await findNewestRun(commands.env.client, { outcome: 'not-approved' }), null);
  });
});
