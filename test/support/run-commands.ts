import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { before } from 'mocha';
import { createStores } from '../../adapters/blob-storage/stores.ts';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import { greyPngCodec } from '../../adapters/vision/grey-png.ts';
import { startPipeline } from '../../cli/pipeline-runs.ts';
import type { StartedRun } from '../../cli/pipeline-runs.ts';
import type { RunSources } from '../../cli/runs/with-runs.ts';
import { loadConfig } from '../../config/config.ts';
import { toRunName } from '../../domain/names.ts';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import { useAzurite } from './azurite.ts';
import { REPOSITORY, runBarometer, startBarometer } from './barometer.ts';
import type { Finished, RunningCommand } from './barometer.ts';
import { createDeployingActivities } from './deploying-activities.ts';
import type { PipelineActivities } from './fake-activities.ts';
import { withWorkers } from './pipeline-workers.ts';
import { useTemporal } from './temporal.ts';
import { until } from './until.ts';

/** A run and the name that people call it by. */
export interface NamedRun extends StartedRun {
  readonly runName: string;
  readonly gitSha: string;
}

/** Commands about runs, as real processes, beside a real Temporal server and a real storage account. */
export interface RunCommands {
  readonly env: TestWorkflowEnvironment;
  readonly stores: Stores;
  readonly sources: RunSources;
  /** Variables for commands of one's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Starts a run, of a commit that no other one has when none is said. */
  start(switches?: Readonly<Record<string, unknown>>): Promise<NamedRun>;
  /** Workers that could deploy and that file their runs, with some activities replaced. */
  withWorkers<T>(work: () => Promise<T>, replaced?: Partial<PipelineActivities>): Promise<T>;
  /** Until the server's list shows that a run stands like that. */
  untilListed(run: NamedRun, condition: string): Promise<void>;
  barometer(...args: string[]): Promise<Finished>;
  begin(...args: string[]): RunningCommand;
  /** The standard output of a command that succeeds. */
  outputOf(...args: string[]): Promise<string>;
  /** What a person reads of a command that fails as it should: no defect, nothing on standard output. */
  complaintOf(...args: string[]): Promise<string>;
}

export function newGitSha(): string {
  return randomBytes(20).toString('hex');
}

export function useRunCommands(): RunCommands {
  const temporal = useTemporal();
  const azurite = useAzurite();
  let stores: Stores;
  let environment: Record<string, string>;

  before('open an account', async () => {
    const { connectionString } = azurite.newAccount();
    stores = createStores({ connectionString }, greyPngCodec);
    await stores.blobs.ensureContainers();
    environment = { BAROMETER_TEMPORAL_ADDRESS: temporal.env.address, BAROMETER_STORAGE_CONNECTION_STRING: connectionString, GITHUB_ACTOR: '' };
  });

  const barometer = (...args: string[]) => runBarometer(args, environment);
  return {
    get env() { return temporal.env; },
    get stores() { return stores; },
    get environment() { return environment; },
    get sources() { return { config: loadConfig(environment), client: temporal.env.client, stores }; },
    async start(switches = {}) {
      const input = pipelineInputSchema.parse({ gitSha: newGitSha(), deploy: 'off', ...switches });
      const started = await startPipeline(temporal.env.client, input);
      const { startTime } = await started.handle.describe();
      return { ...started, runName: toRunName(startTime, input.gitSha), gitSha: input.gitSha };
    },
    withWorkers(work, replaced = {}) {
      const { activities } = createDeployingActivities();
      return withWorkers(temporal.env, { ...activities, fileRun: (run) => stores.runs.saveFiledRun(run), ...replaced }, work);
    },
    async untilListed({ runId }, condition) {
      await until(async () => (await temporal.env.client.workflow.count(`RunId = '${runId}' AND ${condition}`)).count === 1);
    },
    barometer,
    begin: (...args) => startBarometer(args, environment, REPOSITORY),
    async outputOf(...args) {
      const { exitCode, stdout, stderr } = await barometer(...args);
      assert.equal(exitCode, 0, stderr);
      return stdout;
    },
    async complaintOf(...args) {
      const { exitCode, stdout, stderr } = await barometer(...args);
      assert.equal(exitCode, 1, stdout);
      assert.equal(stdout, '');
      assert.doesNotMatch(stderr, /defect|^ +at /m);
      return stderr;
    },
  };
}
