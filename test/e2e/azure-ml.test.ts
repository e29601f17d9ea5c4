import assert from 'node:assert/strict';
import { afterEach, before, beforeEach } from 'mocha';
import { createStores } from '../../adapters/blob-storage/stores.ts';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import { drawDemoFaces } from '../../adapters/demo/demo-faces.ts';
import { greyPngCodec } from '../../adapters/vision/grey-png.ts';
import { followRun, startPipeline } from '../../cli/pipeline-runs.ts';
import type { RunEnd, StartedRun } from '../../cli/pipeline-runs.ts';
import { IMAGE_LABELS, toImageReference } from '../../domain/container-image.ts';
import { CONTAINERS, MODEL_NAME } from '../../domain/names.ts';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import type { AzureMl } from '../support/azure-ml/azure-ml.ts';
import { startAzureMl } from '../support/azure-ml/azure-ml.ts';
import type { SignIn } from '../support/azure-ml/sign-in.ts';
import { startSignIn } from '../support/azure-ml/sign-in.ts';
import { useAzurite } from '../support/azurite.ts';
import { REPOSITORY, startBarometer } from '../support/barometer.ts';
import { pushTinyImage } from '../support/container-engines.ts';
import { ensureDebianPackages } from '../support/debian-packages.ts';
import { useRegistry } from '../support/registry.ts';
import { useCommands } from '../support/commands.ts';
import { useTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

const CANDIDATES = 4;
/** So many that every label has images on the test side. */
const FACES_PER_LABEL = 40;

describe('the pipeline with its trainings in Azure ML, with real workers', () => {
  const temporal = useTemporal();
  const azurite = useAzurite();
  const registry = useRegistry();
  const faces: { readonly name: string; readonly bytes: Uint8Array }[] = [];
  let azure: AzureMl;
  let signIn: SignIn;
  let stores: Stores;
  let environment: Record<string, string>;
  let gitSha: string;
  let commits = 0;
  const commands = useCommands();

  before('draw faces, and find skopeo', async function () {
    if (!ensureDebianPackages(['skopeo'])) this.skip();
    for await (const { label, fileName, read } of drawDemoFaces({ perLabel: FACES_PER_LABEL, seed: 7 })) faces.push({ name: `${label}/${fileName}`, bytes: await read() });
  });

  beforeEach('open an account with the faces, a workspace, and push the image of a commit', async () => {
    commits += 1;
    gitSha = commits.toString(16).padStart(40, 'a');
    const { connectionString } = azurite.newAccount();
    stores = createStores({ connectionString }, greyPngCodec);
    await stores.blobs.ensureContainers();
    for (const { name, bytes } of faces) await stores.blobs.write(CONTAINERS.raw, name, bytes);
    const imageRepository = `${registry.host}/barometer`;
    await pushTinyImage(toImageReference(imageRepository, 'trainer', gitSha), { [IMAGE_LABELS.revision]: gitSha });
    // The one thing that differs from real jobs: the storage account that they sign in to.
    azure = await startAzureMl({ home: REPOSITORY, jobEnvironment: { BAROMETER_STORAGE_CONNECTION_STRING: connectionString } });
    signIn = await startSignIn();
    environment = {
      BAROMETER_TEMPORAL_ADDRESS: temporal.env.address,
      BAROMETER_STORAGE_CONNECTION_STRING: connectionString,
      BAROMETER_STORAGE_ACCOUNT_URL: 'https://moods.blob.core.windows.net',
      BAROMETER_IMAGE_REPOSITORY: imageRepository,
      BAROMETER_REGISTRY_PLAIN_HTTP: 'true',
      BAROMETER_AZURE_SUBSCRIPTION: azure.subscriptionId,
      BAROMETER_AZURE_RESOURCE_GROUP: azure.resourceGroup,
      BAROMETER_AZURE_ML_WORKSPACE: azure.workspace,
      BAROMETER_AZURE_ML_ENDPOINT: azure.endpoint,
      BAROMETER_AZURE_ML_LOW_PRIORITY: 'true',
      BAROMETER_AZURE_ML_POLL_SECONDS: '0.2',
      // Of the stand-in's hours, which are short.
      BAROMETER_AZURE_ML_JOB_HOURS: '100',
      // Few epochs don't make a good network.
      BAROMETER_MINIMUM_ACCURACY: '0.1',
      IDENTITY_ENDPOINT: signIn.identityEndpoint,
      IDENTITY_HEADER: 'a-header',
      NODE_EXTRA_CA_CERTS: azure.certificateFile,
    };
  });

  afterEach('end the stand-ins; every request must have kept the contract', async () => {
    await Promise.all([azure.stop(), signIn.stop()]);
    assert.deepEqual(azure.violations(), []);
  });

  const startWorker = () => commands.startWorker(environment);

  function start(epochs: number): Promise<StartedRun> {
    const hyperparameters = { epochs, patience: epochs };
    return startPipeline(temporal.env.client, pipelineInputSchema.parse({ gitSha, compute: 'azure-ml', candidates: CANDIDATES, deploy: 'off', hyperparameters }));
  }

  /** How the jobs of a run are named, by candidate. */
  function toJobNames(runName: string): string[] {
    return Array.from({ length: CANDIDATES }, (_, index) => `barometer-${runName}-c${index + 1}`);
  }

  function listJobs() {
    return azure.jobs.all().map(({ name, status, starts }) => ({ name, status, starts })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Waits until the programs of all jobs train. */
  async function untilAllTrain(): Promise<void> {
    await until(() => azure.jobs.all().filter(({ name }) => isTraining(name)).length === CANDIDATES);
  }

  function isTraining(name: string): boolean {
    return azure.jobs.output(name).includes('"type":"started"');
  }

  /** How often the workflow asked for each kind of activity, tries of the same one not counted. */
  async function countActivities(workflowId: string): Promise<Record<string, number>> {
    const { events } = await temporal.env.client.workflow.getHandle(workflowId).fetchHistory();
    const counts: Record<string, number> = {};
    for (const { activityTaskScheduledEventAttributes: scheduled } of events ?? []) {
      const name = scheduled?.activityType?.name;
      if (name != null) counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  it('ends with one model of four candidates, though a node is taken back, a request throttled and an answer lost', async () => {
    azure.faults.plan('writeJob', 'lose the answer');
    azure.faults.plan('readJob', { throttle: 1 });
    await startWorker();
    const run = startBarometer(['run', '--compute', 'azure-ml', '--candidates', String(CANDIDATES), '--no-deploy', '--epochs', '4', '--git-sha', gitSha, '--json'], environment);
    commands.keep(run);
    await until(() => azure.jobs.all().some(({ name }) => isTraining(name)) || run.process.exitCode !== null);
    const preempted = azure.jobs.all().find(({ name }) => isTraining(name));
    assert.ok(preempted !== undefined, run.output());
    azure.jobs.preempt(preempted.name);

    const { exitCode, stdout, stderr } = await run.finished;
    assert.equal(exitCode, 0, stderr);
    const end = JSON.parse(stdout) as Extract<RunEnd, { status: 'succeeded' }> & { workflowId: string };
    const { runName, outcome, candidates, model } = end.state;
    assert.equal(outcome, 'registered');
    assert.deepEqual(listJobs(), toJobNames(runName).map((name) => ({ name, status: 'Completed', starts: name === preempted.name ? 2 : 1 })));
    assert.equal(azure.faults.left(), 0);

    const best = Math.max(...candidates.map(({ validationAccuracy }) => validationAccuracy ?? 0));
    const versions = await stores.registry.list();
    assert.deepEqual(versions.map(({ version, gitSha: sha }) => ({ version, sha })), [{ version: 1, sha: gitSha }]);
    const { card } = await stores.registry.read(1, []);
    assert.equal(card.training.bestValidationAccuracy, best);
    assert.equal(model?.version, 1);
    assert.deepEqual(azure.state.list('models'), [`${MODEL_NAME}:1`]);
    // A folder of raw images for each label, what was made of them, and its two sides.
    assert.deepEqual([azure.state.list('environments').length, azure.state.list('data').length], [1, 7]);
    const { trainModel, evaluateCandidate, registerModel } = await countActivities(end.workflowId);
    assert.deepEqual({ trainModel, evaluateCandidate, registerModel }, { trainModel: CANDIDATES, evaluateCandidate: 1, registerModel: 1 });

    assert.equal(Math.max(...azure.nodeHistory), CANDIDATES);
    await until(() => azure.nodeHistory.at(-1) === 0);
    assert.match(stderr, /✔ train .* c\d of 4 candidates: best epoch/);
    assert.match(stderr, /✔ register .* version 1, in the Azure ML workspace too/);
  });

  it('submits nothing twice when the worker is killed while jobs run, and another one takes over', async () => {
    const worker = await startWorker();
    const run = await start(12);
    await untilAllTrain();
    await worker.kill();
    assert.ok(azure.jobs.all().some(({ status }) => status === 'Running'));
    await startWorker();
    const end = await followRun(run.handle, () => undefined);
    assert.equal(end.status, 'succeeded', 'reason' in end ? end.reason : '');
    assert.deepEqual(listJobs(), toJobNames(end.state.runName).map((name) => ({ name, status: 'Completed', starts: 1 })));
    assert.equal(azure.requests.filter(({ operation }) => operation === 'writeJob').length, CANDIDATES);
    assert.deepEqual(azure.state.list('models'), [`${MODEL_NAME}:1`]);
  });

  it('says how far each candidate is, and cancels the jobs and gives the nodes back when the run is cancelled', async () => {
    await startWorker();
    const run = await start(600);
    const notes: string[] = [];
    const following = followRun(run.handle, (state) => notes.push(state?.steps.find(({ step }) => step === 'train')?.note ?? ''));
    await until(() => notes.some((note) => /^c1\b.*\bc2\b.*\bc3\b.*epoch \d+ of 600, \d/.test(note)));
    await untilAllTrain();
    await run.handle.cancel();
    const end = await following;
    assert.equal(end.status, 'cancelled');
    assert.deepEqual(listJobs().map(({ status }) => status), Array.from({ length: CANDIDATES }, () => 'Canceled'));
    assert.deepEqual(await stores.registry.list(), []);
    assert.deepEqual(azure.state.list('models'), []);
    await until(() => azure.nodeHistory.at(-1) === 0);
  });
});
