import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { useTemporaryDir } from '../setup/separate-process.ts';
import type { RunningCommand } from '../support/barometer.ts';
import { startBarometer } from '../support/barometer.ts';
import { createFakeActivities } from '../support/fake-activities.ts';
import { withWorkers } from '../support/pipeline-workers.ts';
import { untilCancelled } from '../support/until-cancelled.ts';
import { until } from '../support/until.ts';
import { useWorkflowRuns } from '../support/workflow-runs.ts';

describe('following a run', () => {
  const { temporal, newInput } = useWorkflowRuns();
  const dir = useTemporaryDir();

  function start(args: readonly string[], gitSha: string): RunningCommand {
    return startBarometer(['run', '--git-sha', gitSha, ...args], { BAROMETER_TEMPORAL_ADDRESS: temporal.env.address, BAROMETER_STORAGE_CONNECTION_STRING: 'UseDevelopmentStorage=true' });
  }

  /** Until it trains; then asks the command to end. Returns how the run stands when it has ended. */
  async function interrupt(args: readonly string[], signal: NodeJS.Signals): Promise<{ status: string; exitCode: number | null }> {
    const { gitSha } = newInput();
    const activities = createFakeActivities({ trainModel: untilCancelled });
    return withWorkers(temporal.env, activities, async () => {
      const command = start(args, gitSha);
      const handle = temporal.env.client.workflow.getHandle(`pipeline-${gitSha}`);
      await until(() => command.output().includes('train') || command.process.exitCode !== null);
      command.process.kill(signal);
      const { exitCode } = await command.finished;
      const { name: status } = (await handle.describe()).status;
      if (status === 'RUNNING') await handle.terminate();
      return { status, exitCode };
    });
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`cancels the run on ${signal} where that is wanted, and sees its end`, async () => {
      assert.deepEqual(await interrupt(['--reporter', 'github', '--cancel-on-signal'], signal), { status: 'CANCELLED', exitCode: 1 });
    });
  }

  it('leaves the run alone otherwise', async () => {
    assert.deepEqual(await interrupt(['--reporter', 'github'], 'SIGINT'), { status: 'RUNNING', exitCode: 1 });
  });

  it('writes the report anywhere', async () => {
    await withWorkers(temporal.env, createFakeActivities(), async () => {
      const { exitCode, stderr } = await start(['--report', join(dir(), 'a/b')], newInput().gitSha).finished;
      assert.equal(exitCode, 0, stderr);
    });
    assert.match(readFileSync(join(dir(), 'a/b/report.md'), 'utf8'), /^## ✅ Registered emotions-cnn version 7/);
  });

  it('returns when the run waits for a person, where that is wanted', async () => {
    const activities = createFakeActivities({
      checkDeployment: async () => ({ buildImage: { ready: true }, images: ['api'], rollOut: { ready: true } }),
    });
    const { gitSha } = newInput();
    await withWorkers(temporal.env, activities, async () => {
      const { exitCode, stdout, stderr } = await start(['--approval', '--until-approval', '--report', dir()], gitSha).finished;
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /Waits for a person/);
      const handle = temporal.env.client.workflow.getHandle(`pipeline-${gitSha}`);
      assert.equal((await handle.describe()).status.name, 'RUNNING');
      await handle.terminate();
    });
    assert.ok(existsSync(join(dir(), 'report.md')));
    assert.match(readFileSync(join(dir(), 'report.md'), 'utf8'), /barometer approve /);
  });
});
