import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { WorkflowHandle } from '@temporalio/client';
import { createAzureBlobStore } from '../../../adapters/blob-storage/azure-blob-store.ts';
import { createRunStore } from '../../../adapters/blob-storage/run-store.ts';
import type { JobLog } from '../../../adapters/github/job-log.ts';
import { createGithubReporter } from '../../../cli/reporters/github-reporter.ts';
import type { RunStanding } from '../../../cli/report/reported-run.ts';
import { loadConfig } from '../../../config/config.ts';
import { useTemporaryDir } from '../../setup/separate-process.ts';
import { useAzurite } from '../../support/azurite.ts';
import type { Comments, CommentsOptions } from '../../support/github/comments.ts';
import { startComments } from '../../support/github/comments.ts';
import { toHistory, toTrainedState } from '../../support/reported-runs.ts';
import { toRunState } from '../../support/run-states.ts';

/** Of a server that is gone: what only it knows is left out. */
const RUN = { handle: {} as WorkflowHandle, workflowId: 'pipeline-1', runId: 'run-1', joined: false, url: 'https://temporal.example/x' };
const TOKEN = 'the token';

describe('the reporter for GitHub', () => {
  const azurite = useAzurite();
  const dir = useTemporaryDir();
  let said: string[];
  let annotated: string[];
  let outputs: [string, string][];
  let summary: string;
  let comments: Comments | undefined;

  beforeEach('listen', () => {
    [said, annotated, outputs, summary] = [[], [], [], ''];
  });

  afterEach('end the service', () => comments?.stop());

  const log: JobLog = {
    open: (title) => said.push(title),
    close: () => undefined,
    say: (line) => said.push(line),
    annotate: (level, title, text) => annotated.push(`${level}: ${title}: ${text}`),
    setOutput: (name, value) => outputs.push([name, value]),
    async summarise(markdown) {
      summary = markdown;
      return Promise.resolve();
    },
  };

  async function report(standing: RunStanding, { event = '{}', ...options }: Partial<CommentsOptions> & { event?: string } = {}): Promise<void> {
    comments = await startComments({ repository: 'acme/barometer', pullRequest: 12, token: TOKEN, ...options });
    writeFileSync(join(dir(), 'event.json'), event);
    const account = azurite.newAccount();
    const blobs = createAzureBlobStore(account);
    await blobs.ensureContainers();
    const runs = createRunStore(blobs);
    if (standing.state !== null) await runs.saveMetrics(standing.state.runName, toHistory(5));
    const { cluster, github } = loadConfig({
      GITHUB_STEP_SUMMARY: 'x',
      GITHUB_OUTPUT: 'x',
      GITHUB_EVENT_PATH: join(dir(), 'event.json'),
      GITHUB_API_URL: comments.apiUrl,
      GITHUB_REPOSITORY: 'acme/barometer',
      BAROMETER_GITHUB_TOKEN: TOKEN,
    });
    const reporter = createGithubReporter({ config: { storage: account, cluster, github }, stores: { blobs, runs }, log, reportDirectory: join(dir(), 'report') });
    reporter.started(RUN);
    reporter.show(standing.state);
    await reporter.ended(RUN, standing);
  }

  it('leaves outputs, a summary and a report in files, with charts where the pictures can\'t be seen from outside', async () => {
    await report({ status: 'succeeded', state: toTrainedState() });
    assert.deepEqual(Object.fromEntries(outputs), {
      'workflow-id': 'pipeline-1',
      'run-id': 'run-1',
      'run-url': 'https://temporal.example/x',
      'run-name': '20261124T015500Z-1a2b3c4',
      outcome: 'registered',
      accuracy: '0.9',
      'model-version': '7',
      report: join(dir(), 'report/report.md'),
    });
    assert.equal(new Set(outputs.map(([name]) => name)).size, outputs.length, 'each once');
    assert.match(summary, /^## ✅ Registered[\s\S]*xychart-beta/);
    assert.match(readFileSync(join(dir(), 'report/report.md'), 'utf8'), /<img src="confusion\.png"[\s\S]*<img src="curves\.png"/);
    for (const name of ['curves', 'confusion']) {
      assert.match(readFileSync(join(dir(), `report/${name}.svg`), 'utf8'), /^<svg/);
      assert.equal(readFileSync(join(dir(), `report/${name}.png`)).subarray(1, 4).toString(), 'PNG');
    }
    assert.equal(comments!.count(), 0, 'no pull request, no comment');
  });

  it('comments on the pull request that the job is about', async () => {
    await report({ status: 'succeeded', state: toTrainedState() }, { event: '{"pull_request":{"number":12}}' });
    assert.equal(comments!.count(), 1);
    assert.ok(comments!.bodies()[0]!.endsWith(summary));
  });

  it('warns where it may not comment, and nothing more', async () => {
    await report({ status: 'succeeded', state: toTrainedState() }, { event: '{"pull_request":{"number":12}}', right: 'read' });
    assert.match(annotated.at(-1)!, /^warning: No comment on the pull request: .*pull-requests: write/);
  });

  it('says as an error at which step a run failed, and why', async () => {
    await report({ status: 'failed', reason: 'Too many.', state: toRunState({ resize: { status: 'failed' } }) });
    assert.ok(annotated.includes('error: The step resize failed: Too many.'), annotated.join('\n'));
    assert.equal(Object.fromEntries(outputs)['outcome'], 'failed');
    assert.match(summary, /barometer retry/);
  });

  it('ends with an error only where the run failed or was stopped', () => {
    const { cluster, github, storage } = loadConfig({});
    const blobs = createAzureBlobStore(azurite.newAccount());
    const { toExitCode } = createGithubReporter({ config: { cluster, github, storage }, stores: { blobs, runs: createRunStore(blobs) }, log, reportDirectory: null });
    assert.equal(toExitCode({ status: 'succeeded', state: toTrainedState({ outcome: 'rejected' }) }), 0);
    assert.equal(toExitCode({ status: 'running', state: null }), 0);
    assert.equal(toExitCode({ status: 'failed', reason: 'x', state: null }), 1);
    assert.equal(toExitCode({ status: 'cancelled', reason: 'x', state: null }), 1);
  });
});
