import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'mocha';
import { drawDemoFaces } from '../../adapters/demo/demo-faces.ts';
import { createAzureBlobStore } from '../../adapters/blob-storage/azure-blob-store.ts';
import { toPipelineWorkflowId, toRawKey } from '../../domain/names.ts';
import { runStateQuery } from '../../workflows/contract.ts';
import { useAzurite } from '../support/azurite.ts';
import type { RunningCommand } from '../support/barometer.ts';
import type { JobRun, RunningJob } from '../support/github/act.ts';
import { startComments } from '../support/github/comments.ts';
import { useAct } from '../support/github/use-act.ts';
import { useCommands } from '../support/commands.ts';
import { useTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

const PER_LABEL = 30;
const DISPATCH = { deploy: 'auto', compute: 'local', candidates: '1', 'split-ratio': '0.2' };

describe('the workflow "Pipeline", executed', () => {
  const temporal = useTemporal();
  const azurite = useAzurite();
  const act = useAct();
  let connectionString: string;
  const commands = useCommands();

  before('upload drawn faces', async () => {
    ({ connectionString } = azurite.newAccount());
    const blobs = createAzureBlobStore({ connectionString });
    await blobs.ensureContainers();
    for await (const face of drawDemoFaces({ perLabel: PER_LABEL, seed: 1 })) await blobs.write('emotions', toRawKey(face.label, face.fileName), await face.read());
  });

  function startWorker(roles: string): Promise<RunningCommand> {
    return commands.startWorker({ BAROMETER_TEMPORAL_ADDRESS: temporal.env.address, BAROMETER_STORAGE_CONNECTION_STRING: connectionString, BAROMETER_MINIMUM_ACCURACY: '0.1' }, roles);
  }

  function start(event: string, payload: unknown, more: { secrets?: Record<string, string>; env?: Record<string, string> } = {}): RunningJob {
    return act.start({
      event,
      workflow: 'pipeline.yml',
      payload,
      vars: { BAROMETER_TEMPORAL_ADDRESS: temporal.env.address, BAROMETER_TEMPORAL_UI: 'https://temporal.example' },
      secrets: { BAROMETER_STORAGE_CONNECTION_STRING: connectionString, ...more.secrets },
      env: more.env ?? {},
    });
  }

  function commandsOf({ lines }: JobRun, command: string): string[] {
    return lines.filter((line) => line.command === command).map(({ msg, arg, kvPairs }) => [kvPairs?.['title'], arg ?? msg].filter(Boolean).join(': '));
  }

  it('makes a registered model, and tells of it in groups, annotations, a summary, outputs and an artifact', async () => {
    await startWorker('pipeline,data,train,deploy');
    const gitSha = act.workspace.commit();
    const job = await start('workflow_dispatch', { inputs: DISPATCH }).finished;
    assert.equal(job.exitCode, 0, job.output);

    // Short steps may be over before anybody has looked.
    assert.match(job.output, /::group::train\n[\s\S]*::endgroup::/);
    for (const step of ['ingest', 'resize', 'split', 'evaluate', 'register']) assert.match(job.output, new RegExp(`✔ ${step} `), step);
    assert.match(job.output, /✔ train .* best epoch \d+/);
    assert.match(commandsOf(job, 'notice').join('\n'), /The gate let the candidate pass: .* right/);
    assert.match(commandsOf(job, 'notice').join('\n'), /Not rolled out: .*BAROMETER_IMAGE_REPOSITORY/);
    assert.deepEqual(commandsOf(job, 'error'), []);

    assert.match(job.summary, /^## ✅ Registered emotions-cnn version 1/);
    for (const heading of ['Accuracy', 'By expression', 'Taken for what', 'Training', 'Steps', 'What it made']) assert.match(job.summary, new RegExp(`^### ${heading}$`, 'm'));
    assert.match(job.summary, /```mermaid\n[\s\S]*xychart-beta/);
    assert.match(job.summary, new RegExp(`\\[watch it in Temporal\\]\\(https://temporal\\.example/namespaces/default/workflows/${toPipelineWorkflowId(gitSha)}/`));

    const { outputs } = job;
    assert.equal(outputs['workflow-id'], toPipelineWorkflowId(gitSha));
    assert.equal(outputs['outcome'], 'registered');
    assert.equal(outputs['model-version'], '1');
    assert.match(outputs['run-name']!, new RegExp(`^\\d{8}T\\d{6}Z-${gitSha.slice(0, 7)}$`));
    assert.ok(Number(outputs['accuracy']) > 0 && Number(outputs['accuracy']) <= 1);
    const { runId } = await temporal.env.client.workflow.getHandle(outputs['workflow-id']).describe();
    assert.equal(outputs['run-id'], runId);

    const report = job.findArtifact('barometer-report', 'report.md');
    assert.match(readFileSync(report!, 'utf8'), /<img src="confusion\.png"[\s\S]*<img src="curves\.png"/);
    for (const name of ['curves.svg', 'curves.png', 'confusion.svg', 'confusion.png']) assert.ok(job.findArtifact('barometer-report', name), name);
  });

  it('fails with the reason as an error, and says how to go on, when the run fails', async () => {
    await startWorker('pipeline,data,deploy');
    act.workspace.commit();
    const job = await start('workflow_dispatch', { inputs: { ...DISPATCH, deploy: 'on' } }).finished;
    assert.equal(job.exitCode, 1);
    assert.equal(job.outputs['outcome'], 'failed');
    const errors = commandsOf(job, 'error');
    assert.match(errors[0]!, /^The step build-image failed: BAROMETER_IMAGE_REPOSITORY is not set/);
    assert.match(job.summary, /^## ❌ Failed/);
    assert.match(job.summary, new RegExp(`barometer retry ${job.outputs['run-name']} --from `));
    assert.ok(job.findArtifact('barometer-report', 'report.md'));
  });

  it('says which input can\'t be used, and starts nothing', async () => {
    const gitSha = act.workspace.commit();
    const job = await start('workflow_dispatch', { inputs: { ...DISPATCH, deploy: 'perhaps' } }).finished;
    assert.equal(job.exitCode, 1);
    assert.match(commandsOf(job, 'error').join('\n'), /"deploy" is auto, on or off/);
    await assert.rejects(temporal.env.client.workflow.getHandle(toPipelineWorkflowId(gitSha)).describe());
  });

  for (const [title, cancelWithJob, isCancelled] of [
    ['cancels the run with the job, when that is wanted', 'true', true],
    ['leaves the run alone when the job is cancelled, otherwise', 'false', false],
  ] as const) {
    it(title, async () => {
      // Nobody trains: the run waits.
      await startWorker('pipeline,data');
      const gitSha = act.workspace.commit();
      const job = start('workflow_dispatch', { inputs: { ...DISPATCH, 'cancel-with-job': cancelWithJob } });
      const endsEarly = job.finished.then(() => assert.fail(`the job ended before it could be cancelled:\n${job.output()}`));
      await Promise.race([until(() => job.output().includes('::group::train')), endsEarly]);
      job.cancel();
      await job.finished;
      const handle = temporal.env.client.workflow.getHandle(toPipelineWorkflowId(gitSha));
      if (isCancelled) await until(async () => (await handle.describe()).status.name === 'CANCELLED');
      else assert.equal((await handle.describe()).status.name, 'RUNNING');
      await handle.terminate('The test is over.').catch(() => undefined);
    });
  }

  it('starts it after a push as the action has it', async () => {
    await startWorker('pipeline');
    const gitSha = act.workspace.commit();
    const job = start('push', { ref: 'refs/heads/main' });
    const handle = temporal.env.client.workflow.getHandle(toPipelineWorkflowId(gitSha));
    await until(() => handle.query(runStateQuery).then(() => true, () => false));
    const { input } = await handle.query(runStateQuery);
    const { process, cropFaces, split, splitRatio, train, candidates, compute, deploy, approval, cache } = input;
    assert.deepEqual([process, cropFaces, split, splitRatio, train, candidates, compute, deploy, approval, cache], [true, false, true, 0.2, true, 1, 'local', 'auto', false, true]);
    await handle.terminate('The test is over.');
    assert.equal((await job.finished).outputs['outcome'], 'cancelled');
  });

  it('keeps one comment on a pull request', async () => {
    await startWorker('pipeline,data,train');
    const comments = await startComments({ repository: 'acme/barometer', pullRequest: 12, token: 'the-token' });
    try {
      const payload = {
        action: 'synchronize',
        number: 12,
        pull_request: { number: 12, head: { sha: act.workspace.commit(), ref: 'a-branch', repo: { full_name: 'acme/barometer' } }, base: { ref: 'main' }, labels: [{ name: 'run-pipeline' }] },
        repository: { full_name: 'acme/barometer', name: 'barometer', owner: { login: 'acme' } },
      };
      const more = { secrets: { GITHUB_TOKEN: 'the-token' }, env: { GITHUB_API_URL: comments.apiUrl } };
      const first = await start('pull_request', payload, more).finished;
      assert.match(first.output, /a new comment on pull request 12/);
      const second = await start('pull_request', payload, more).finished;
      assert.match(second.output, /updated in its comment on pull request 12/);
      assert.match(commandsOf(second, 'notice').join('\n'), /nothing was done again: .*run \d{8}T/);
      assert.equal(comments.count(), 1);
      const [body] = comments.bodies();
      assert.match(body!, new RegExp(`^<!-- barometer report of .* -->\\n## ✅ Registered .*\\n\\nRun \`${second.outputs['run-name']}\``));
    } finally {
      await comments.stop();
    }
  });

  it('goes by when a pull request has not been labelled for it', async () => {
    const head = act.workspace.commit();
    const job = await start('pull_request', { action: 'synchronize', number: 3, pull_request: { number: 3, head: { sha: head, repo: { full_name: 'acme/barometer' } }, labels: [] }, repository: { full_name: 'acme/barometer' } }).finished;
    assert.doesNotMatch(job.output, /Run Main/);
  });

  it('says plainly that a fork can\'t start it', async () => {
    const head = act.workspace.commit();
    const pullRequest = { number: 3, head: { sha: head, repo: { full_name: 'somebody/barometer' } }, labels: [{ name: 'run-pipeline' }] };
    const job = await start('pull_request', { action: 'synchronize', number: 3, pull_request: pullRequest, repository: { full_name: 'acme/barometer' } }).finished;
    assert.equal(job.exitCode, 0, job.output);
    assert.match(job.output, /The pipeline was not started/);
    assert.doesNotMatch(job.output, /Run the pipeline/);
  });
});
