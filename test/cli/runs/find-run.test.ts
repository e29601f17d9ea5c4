import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import { findRun } from '../../../cli/runs/find-run.ts';
import { Failure } from '../../../domain/failure.ts';
import { createTestRepository } from '../../support/git-repository.ts';
import type { TestRepository } from '../../support/git-repository.ts';
import { newGitSha, useRunCommands } from '../../support/run-commands.ts';
import type { NamedRun } from '../../support/run-commands.ts';
import { toRunState } from '../../support/run-states.ts';
import { until } from '../../support/until.ts';

describe('the run that a person means', () => {
  const commands = useRunCommands();
  let repository: TestRepository;
  /** Two of one commit, and one of another; the last of them is the newest. */
  let earlier: NamedRun, later: NamedRun, other: NamedRun;

  const find = async (name: string) => (await findRun(name, { client: commands.env.client, runs: commands.stores.runs, directory: repository.directory })).entry;
  const complaint = async (name: string) => {
    const error: unknown = await find(name).then((entry) => assert.fail(`found ${entry.runName}`), (reason: unknown) => reason);
    assert.ok(error instanceof Failure, String(error));
    return error;
  };

  before('make a repository, and runs of it', async () => {
    repository = createTestRepository();
    const gitSha = repository.commit({ file: 'one' });
    repository.git('tag', 'v1');
    await commands.withWorkers(async () => {
      earlier = await commands.start({ gitSha, train: false });
      await earlier.handle.result();
      // The name of a run has its second.
      await until(() => Date.now() > Date.parse(toIso(earlier.runName)) + 1000);
      later = await commands.start({ gitSha, train: false });
      await later.handle.result();
      other = await commands.start({ train: false });
      await other.handle.result();
    });
    for (const run of [earlier, later, other]) await commands.untilListed(run, "ExecutionStatus = 'Completed'");
  });

  after('remove the repository', () => { repository.remove(); });

  it('is found by its name, also by that of one of its candidates', async () => {
    for (const run of [earlier, later, other]) assert.equal((await find(run.runName)).runId, run.runId);
    assert.equal((await find(`${earlier.runName}.c2`)).runId, earlier.runId);
  });

  it('is found by the ids that Temporal has for it', async () => {
    assert.equal((await find(earlier.runId)).runId, earlier.runId);
    assert.equal((await find(earlier.workflowId)).runId, later.runId, 'a workflow means its newest run');
  });

  it('is the newest of a commit, however that is named', async () => {
    for (const name of [earlier.gitSha, earlier.gitSha.toUpperCase(), earlier.gitSha.slice(0, 7), 'main', 'v1', 'HEAD']) assert.equal((await find(name)).runId, later.runId, name);
  });

  it('is the newest of all', async () => {
    assert.equal((await find('latest')).runId, other.runId);
  });

  it('is named by nothing that is near: the nearest are listed', async () => {
    const wrongSecond = await complaint(`20200101T000000Z-${earlier.gitSha.slice(0, 7)}`);
    assert.equal(wrongSecond.kind, 'not-found');
    assert.match(wrongSecond.message, /Runs of that commit are:/);
    assert.ok(wrongSecond.message.includes(earlier.runName) && wrongSecond.message.includes(later.runName) && !wrongSecond.message.includes(other.runName));
    for (const name of [`20200101T000000Z-${newGitSha().slice(0, 7)}`, 'no-such-thing', newGitSha(), '01a21390-0000-0000-0000-7bf901a4a28d', '20261399T990000Z-1a2b3c4']) {
      const { kind, message } = await complaint(name);
      assert.equal(kind, 'not-found', name);
      assert.match(message, /The newest runs are:\n {2}\S+ {2}done, nothing trained/, name);
      assert.ok(message.includes(other.runName));
    }
  });

  it('may be several: they are listed', async () => {
    const beginning = newGitSha().slice(0, 6);
    const runs = await commands.withWorkers(async () => Promise.all(['a', 'b'].map((digit) => commands.start({ gitSha: `${beginning}${digit.repeat(34)}`, train: false }))));
    for (const run of runs) await commands.untilListed(run, 'RunId != \'\'');
    const { kind, message } = await complaint(beginning);
    assert.equal(kind, 'input-invalid');
    for (const { runName } of runs) assert.ok(message.includes(runName), message);
    assert.equal((await find(`${beginning}a`)).runId, runs[0]!.runId);
  });

  it('is found by what it has filed when Temporal has forgotten it', async () => {
    const state = toRunState({ split: { status: 'failed' } });
    await commands.stores.runs.saveFiledRun({ workflowId: 'w', runId: 'r', status: 'failed', reason: 'Too few.', startedAt: '2026-11-24T01:55:00.000Z', endedAt: '2026-11-24T01:56:00.000Z', state });
    const { entry, filed } = await findRun(state.runName, { client: commands.env.client, runs: commands.stores.runs, directory: repository.directory });
    assert.deepEqual([entry.runName, entry.runId, entry.status, entry.step], [state.runName, 'r', 'failed', 'split']);
    assert.equal(filed!.reason, 'Too few.');
  });

  it('is not asked for with nothing', async () => {
    assert.equal((await complaint(' ')).kind, 'input-invalid');
  });
});

function toIso(runName: string): string {
  return runName.slice(0, 16).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z');
}
