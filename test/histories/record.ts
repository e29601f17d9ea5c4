/**
 * Records what the pipeline workflow does today, for `test/workflows/replay.test.ts` to compare with: one history for each
 * of `scenarios.ts`, with fake activities on a real server. Runs that are under way when new code is rolled out go on under
 * it, so record anew only together with a change that is versioned (`patched`), under new names, and keep the old ones.
 *
 *     node test/histories/record.ts            the scenarios that have no history yet
 *     node test/histories/record.ts --all      all of them
 *     node test/histories/record.ts NAME…      these
 */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { installRuntime } from '../../adapters/temporal/runtime.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';
import { withWorkers } from '../support/pipeline-workers.ts';
import { LONE_SCENARIOS, playAlone } from './lone-scenarios.ts';
import { play, SCENARIOS } from './scenarios.ts';
import type { Scenario } from './scenarios.ts';

/** Who recorded it is nobody's business and would differ at every recording. */
function withoutNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNames);
  if (typeof value !== 'object' || value === null) return value;
  const isSticky = 'kind' in value && value.kind === 'TASK_QUEUE_KIND_STICKY';
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, key === 'identity' || (isSticky && key === 'name') ? 'recorder' : withoutNames(each)]),
  );
}

type History = Parameters<typeof historyToJSON>[0];

async function recordRun(scenario: Scenario): Promise<History> {
  const { promise: training, resolve: begin } = Promise.withResolvers<void>();
  const { trainModel } = scenario.activities;
  const activities: Scenario['activities'] = {
    ...scenario.activities,
    trainModel(request) {
      begin();
      return trainModel(request);
    },
  };
  return withWorkers(env, activities, async () => (await play(scenario, env.client, training)).fetchHistory());
}

const HERE = new URL('../../', import.meta.url);

/** Without saying, in the traces of failures, where the repository lies on the machine that records. */
function toText(history: History): string {
  const text = JSON.stringify(withoutNames(JSON.parse(historyToJSON(history))), null, 1);
  return `${text.replaceAll(HERE.href, '/barometer/').replaceAll(fileURLToPath(HERE), '/barometer/')}\n`;
}

installRuntime('error');
const env = await TestWorkflowEnvironment.createLocal({
  server: {
    executable: { type: 'existing-path', path: process.env['BAROMETER_TEMPORAL_CLI'] ?? 'temporal' },
    searchAttributes: Object.values(SEARCH_ATTRIBUTES),
  },
});
const asked = process.argv.slice(2);
const recordings = [
  ...SCENARIOS.map((scenario) => ({ name: scenario.name, record: () => recordRun(scenario) })),
  ...LONE_SCENARIOS.map((scenario) => ({
    name: scenario.name,
    record: () => withWorkers(env, scenario.activities, async () => (await playAlone(scenario, env.client)).fetchHistory()),
  })),
];
try {
  for (const { name, record } of recordings) {
    const file = new URL(`${name}.json`, import.meta.url);
    const isWanted = asked.length === 0 ? !existsSync(file) : asked.includes('--all') || asked.includes(name);
    if (!isWanted) continue;
    await writeFile(file, toText(await record()));
    console.log(`recorded ${name}`);
  }
} finally {
  await env.teardown();
}
