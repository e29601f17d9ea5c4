import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'mocha';
import type { WorkerVersion } from '../../adapters/temporal/worker-versions.ts';
import type { StartedRun } from '../../cli/pipeline-runs.ts';
import { followRun, startPipeline } from '../../cli/pipeline-runs.ts';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import { useAzurite } from '../support/azurite.ts';
import { runBarometer } from '../support/barometer.ts';
import { useCommands } from '../support/commands.ts';
import { useTemporal } from '../support/temporal.ts';
import { findTestData } from '../support/test-data.ts';
import { until } from '../support/until.ts';

const OLD = 'a'.repeat(40);
const NEW = 'b'.repeat(40);

describe('workers of two commits', () => {
  const temporal = useTemporal();
  const azurite = useAzurite();
  const images = findTestData('fer800');
  const commands = useCommands();
  let environment: Record<string, string>;

  before('look for the images', function () {
    if (images === null) this.skip();
  });

  beforeEach('open an account of its own', async () => {
    environment = {
      BAROMETER_TEMPORAL_ADDRESS: temporal.env.address,
      BAROMETER_STORAGE_CONNECTION_STRING: azurite.newAccount().connectionString,
      BAROMETER_MINIMUM_ACCURACY: '0.1',
      BAROMETER_WORKER_VERSIONING: 'on',
    };
    const { exitCode, stderr } = await runBarometer(['import', images!], environment);
    assert.equal(exitCode, 0, stderr);
  });

  const startWorker = (gitSha: string, roles?: string) => commands.startWorker({ ...environment, BAROMETER_GIT_SHA: gitSha }, roles);

  async function listVersions(): Promise<WorkerVersion[]> {
    const { exitCode, stdout, stderr } = await runBarometer(['workers', '--json'], environment);
    assert.equal(exitCode, 0, stderr);
    return JSON.parse(stdout) as WorkerVersion[];
  }

  /** The process ids of those that did anything for the run. */
  async function readWorkers({ handle }: StartedRun): Promise<Set<number>> {
    const { events = [] } = await handle.fetchHistory();
    const identities = events!.flatMap(({ activityTaskStartedEventAttributes, workflowTaskStartedEventAttributes }) => activityTaskStartedEventAttributes?.identity ?? workflowTaskStartedEventAttributes?.identity ?? []);
    return new Set(identities.map((identity) => Number(/-(\d+)@/.exec(identity)?.[1])));
  }

  const start = (gitSha: string) => startPipeline(temporal.env.client, pipelineInputSchema.parse({ gitSha, hyperparameters: { epochs: 1 } }));

  it('share nothing: a run is finished by those of the commit that began it', async () => {
    const old = await startWorker(OLD, 'pipeline,data,deploy');
    const oldTrainer = await startWorker(OLD, 'train');
    assert.deepEqual((await listVersions()).map(({ gitSha, status, workers }) => [gitSha, status, workers.length > 0]), [[OLD, 'current', true]]);

    // Nobody trains for the old commit meanwhile, so that its run waits there.
    await oldTrainer.stop();
    const oldRun = await start('1'.repeat(40));
    await until(async () => ((await oldRun.handle.describe()).raw.pendingActivities ?? []).some(({ activityType }) => activityType?.name === 'trainModel'));

    const fresh = await startWorker(NEW);
    assert.match(fresh.output(), new RegExp(`New runs go to the workers of ${OLD}; .*promote ${NEW}`));
    const promoted = await runBarometer(['workers', 'promote', NEW.slice(0, 7)], environment);
    assert.equal(promoted.exitCode, 0, promoted.stderr);
    assert.match(promoted.stdout, new RegExp(`New runs go to ${NEW}`));

    const newRun = await start('2'.repeat(40));
    const newEnd = await followRun(newRun.handle, () => undefined);
    assert.equal(newEnd.status, 'succeeded', 'reason' in newEnd ? newEnd.reason : '');
    assert.deepEqual(await readWorkers(newRun), new Set([fresh.process.pid!]));

    const { status } = await oldRun.handle.describe();
    assert.equal(status.name, 'RUNNING', 'the idle trainer of the new commit left the old run alone');
    const secondTrainer = await startWorker(OLD, 'train');
    const oldEnd = await followRun(oldRun.handle, () => undefined);
    assert.equal(oldEnd.status, 'succeeded', 'reason' in oldEnd ? oldEnd.reason : '');
    assert.deepEqual(await readWorkers(oldRun), new Set([old.process.pid!, secondTrainer.process.pid!]));
    const { raw } = await oldRun.handle.describe();
    assert.equal(raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId, OLD);
  });
});
