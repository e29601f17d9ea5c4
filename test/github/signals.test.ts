import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, it } from 'mocha';
import { onExit } from '../../setup/on-exit.js';
import { toPipelineWorkflowId } from '../../domain/names.ts';
import { useTemporaryDir } from '../setup/separate-process.ts';
import { REPOSITORY } from '../support/barometer.ts';
import { createFakeActivities } from '../support/fake-activities.ts';
import { withWorkers } from '../support/pipeline-workers.ts';
import { untilCancelled } from '../support/until-cancelled.ts';
import { until } from '../support/until.ts';
import { useWorkflowRuns } from '../support/workflow-runs.ts';

interface Action {
  readonly runs: { readonly steps: readonly { readonly id?: string; readonly run?: string }[] };
}

const INPUTS = { PROCESS: 'true', SPLIT: 'true', SPLIT_RATIO: '0.2', TRAIN: 'true', CANDIDATES: '1', COMPUTE: 'local', DEPLOY: 'auto', CROP_FACES: 'false', APPROVAL: 'false', CACHE: 'true', EPOCHS: '', WAIT: 'approval', COMMENT: 'false', TOKEN: '', STORAGE_ACCOUNT: '' };

/** GitHub's runner sends SIGINT to the shell of a cancelled job's step and to nothing below it, and 7.5 seconds later SIGTERM. */
describe('the step of the action, when GitHub cancels its job', () => {
  const { temporal, newInput } = useWorkflowRuns();
  const dir = useTemporaryDir();
  const { runs } = load(readFileSync(join(REPOSITORY, 'action.yml'), 'utf8')) as Action;
  const script = runs.steps.find(({ id }) => id === 'run')!.run!;

  async function cancel(cancelWithJob: 'true' | 'false'): Promise<{ status: string; summary: string }> {
    const { gitSha } = newInput();
    const file = (name: string, text = '') => {
      writeFileSync(join(dir(), name), text);
      return join(dir(), name);
    };
    const env = {
      ...process.env,
      ...INPUTS,
      GIT_SHA: gitSha,
      CANCEL_WITH_JOB: cancelWithJob,
      GITHUB_ACTION_PATH: REPOSITORY,
      RUNNER_TEMP: dir(),
      GITHUB_OUTPUT: file('output'),
      GITHUB_STEP_SUMMARY: file('summary'),
      BAROMETER_TEMPORAL_ADDRESS: temporal.env.address,
      BAROMETER_STORAGE_CONNECTION_STRING: 'UseDevelopmentStorage=true',
    };
    return withWorkers(temporal.env, createFakeActivities({ trainModel: untilCancelled }), async () => {
      const shell = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file('step.sh', script)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      const forget = onExit(() => void shell.kill('SIGKILL'));
      const closed = once(shell, 'close').finally(forget);
      let output = '';
      for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString(); });
      await until(() => output.includes('::group::train') || shell.exitCode !== null);
      shell.kill('SIGINT');
      await closed;
      assert.notEqual(shell.exitCode, 0, output);
      const handle = temporal.env.client.workflow.getHandle(toPipelineWorkflowId(gitSha));
      const { name: status } = (await handle.describe()).status;
      if (status === 'RUNNING') await handle.terminate();
      return { status, summary: readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8') };
    });
  }

  it('cancels the run, sees it end and leaves its summary', async () => {
    const { status, summary } = await cancel('true');
    assert.equal(status, 'CANCELLED');
    assert.match(summary, /^## 🛑 Stopped at train[\s\S]*barometer retry /);
  });

  it('leaves the run alone where that is not wanted', async () => {
    assert.equal((await cancel('false')).status, 'RUNNING');
  });
});
