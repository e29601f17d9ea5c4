import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { before } from 'mocha';
import { installRuntime } from '../../adapters/temporal/runtime.ts';
import { LONE_SCENARIOS } from '../histories/lone-scenarios.ts';
import { SCENARIOS } from '../histories/scenarios.ts';
import { bundleForTests } from '../support/pipeline-workers.ts';

const HISTORIES = new URL('../histories/', import.meta.url);
const names = readdirSync(HISTORIES).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));

/** Runs that are under way when new code is rolled out go on under it: what they have done, the new code must do too. */
describe('a workflow replays', () => {
  before('be silent about the failures that are provoked', () => {
    installRuntime('error');
  });

  function read(name: string): unknown {
    return JSON.parse(readFileSync(new URL(`${name}.json`, HISTORIES), 'utf8'));
  }

  it('a history of every scenario', () => {
    for (const { name } of [...SCENARIOS, ...LONE_SCENARIOS]) assert.ok(names.includes(name), `test/histories/record.ts has not recorded ${name}`);
  });

  for (const name of names) {
    it(`the recorded run "${name}"`, async () => {
      await Worker.runReplayHistory({ workflowBundle: await bundleForTests(), replayName: name }, read(name));
    });
  }

  it('nothing after a change that runs under way can\'t follow', async () => {
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('changed-pipeline.ts', HISTORIES)),
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error },
    });
    await assert.rejects(Worker.runReplayHistory({ workflowBundle, replayName: 'changed' }, read('registered')), DeterminismViolationError);
  });

  it('nothing of a run that did another thing', async () => {
    const history = JSON.stringify(read('registered')).replaceAll('takeInventory', 'takeAnotherThing');
    await assert.rejects(Worker.runReplayHistory({ workflowBundle: await bundleForTests(), replayName: 'another' }, JSON.parse(history)), DeterminismViolationError);
  });
});
