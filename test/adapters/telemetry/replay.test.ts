import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { emptyResource } from '@opentelemetry/resources';
import { Worker } from '@temporalio/worker';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { before } from 'mocha';
import { createWorkflowSpanSinks } from '../../../adapters/telemetry/temporal-tracing.ts';
import { installRuntime } from '../../../adapters/temporal/runtime.ts';
import { bundleWorkflows } from '../../../workers/workflow-bundle.ts';

const HISTORIES = new URL('../../histories/', import.meta.url);
const TRACING = fileURLToPath(new URL('../../../adapters/telemetry/workflow-tracing.ts', import.meta.url));

/** Tracing is switched on and off while runs are under way: those that began without it must go on with it. */
describe('a workflow that is traced replays', () => {
  let workflowBundle: WorkflowBundleWithSourceMap;

  before('bundle it', async () => {
    installRuntime('error');
    workflowBundle = await bundleWorkflows([TRACING]);
  });

  for (const name of readdirSync(HISTORIES).filter((each) => each.endsWith('.json'))) {
    it(`the recorded run ${name}, which was not, and sends no span twice`, async () => {
      const history: unknown = JSON.parse(readFileSync(new URL(name, HISTORIES), 'utf8'));
      const sinks = createWorkflowSpanSinks({ onEnd: ({ name: span }) => assert.fail(`${span} was sent again`) }, emptyResource());
      await Worker.runReplayHistory({ workflowBundle, replayName: name, sinks }, history);
    });
  }
});
