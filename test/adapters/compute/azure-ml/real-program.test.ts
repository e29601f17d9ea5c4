import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { after, before } from 'mocha';
import { createTrainActivities } from '../../../../activities/train.ts';
import type { TrainingCompute } from '../../../../activities/train.ts';
import { createStores } from '../../../../adapters/blob-storage/stores.ts';
import type { Stores } from '../../../../adapters/blob-storage/stores.ts';
import { createAzureMlCompute } from '../../../../adapters/compute/azure-ml/compute.ts';
import { greyPngCodec } from '../../../../adapters/vision/grey-png.ts';
import { MODEL_FILES } from '../../../../domain/names.ts';
import { hyperparametersSchema } from '../../../../domain/training.ts';
import { useAzurite } from '../../../support/azurite.ts';
import type { AzureMl } from '../../../support/azure-ml/azure-ml.ts';
import { startAzureMl } from '../../../support/azure-ml/azure-ml.ts';
import { TEST_CREDENTIAL } from '../../../support/azure-ml/training-site.ts';
import { AFTER_EACH_EPOCH } from '../../../support/checkpoints.ts';
import { createDataActivities, GIT_SHA } from '../../../support/data-activities.ts';
import { uploadImages } from '../../../support/raw-images.ts';
import { runActivity } from '../../../support/run-activity.ts';
import { until } from '../../../support/until.ts';

const RUN = '20261124T015500Z-0123456';
const LIMIT_MS = 5 * 60_000;
/** Some seconds, in which the node is taken back. */
const EPOCHS = 40;

describe('the train program as a job in Azure ML', () => {
  const azurite = useAzurite();
  let azure: AzureMl;
  let stores: Stores;
  let splitVersion: string;

  before('make a small data set, and open a workspace', async () => {
    const { connectionString } = azurite.newAccount();
    stores = createStores({ connectionString }, greyPngCodec);
    await stores.blobs.ensureContainers();
    await uploadImages(stores.blobs, 12);
    const { process, split } = createDataActivities(stores.blobs);
    const { dataset } = await process(RUN);
    const { result } = await runActivity(() => split.splitDataset({ runName: RUN, gitSha: GIT_SHA, datasetVersion: dataset.version, testRatio: 0.2 }));
    splitVersion = result.version;
    // What differs from a real job: the storage account that it signs in to, and how many checkpoints it leaves.
    azure = await startAzureMl({ home: fileURLToPath(new URL('../../../../', import.meta.url)), jobEnvironment: { BAROMETER_STORAGE_CONNECTION_STRING: connectionString, ...AFTER_EACH_EPOCH } });
  });

  after('end the workspace', () => azure.stop());

  function openCompute(): TrainingCompute {
    const { endpoint, subscriptionId, resourceGroup, workspace } = azure;
    const settings = {
      endpoint,
      subscriptionId,
      resourceGroup,
      workspace,
      cluster: 'barometer-cpu',
      vmSize: 'Standard_F4s_v2',
      maxNodes: 4,
      idleSeconds: 60,
      lowPriority: true,
      identityId: null,
      // Of the stand-in's seconds, which are short.
      jobTimeoutMs: LIMIT_MS * 1_000,
      queueTimeoutMs: LIMIT_MS,
      pollMs: 100,
      storageAccountUrl: 'https://moods.blob.core.windows.net',
      imageRepository: 'ghcr.io/acme/barometer',
    };
    return createAzureMlCompute({ settings, diary: stores.runs, datasets: stores.datasets, credential: TEST_CREDENTIAL });
  }

  it('goes on from its checkpoint when the node is taken back, and leaves the model where it always does', async () => {
    const compute = openCompute();
    const { trainModel } = createTrainActivities({ computes: { local: compute, 'azure-ml': compute }, ...stores, readCode: () => Promise.resolve('code'), reportProgress: () => Promise.resolve() });
    const hyperparameters = hyperparametersSchema.parse({ epochs: EPOCHS, patience: EPOCHS, batchSize: 8 });
    const training = runActivity(() => trainModel({ compute: 'azure-ml', spec: { runName: RUN, gitSha: GIT_SHA, splitVersion, hyperparameters } }));
    const [job] = await Promise.race([waitForCheckpoint(), training.then(() => assert.fail('it ended before the node was taken back'))]);
    azure.jobs.preempt(job!.name);

    const { result, heartbeats } = await training;
    assert.equal(result.epochs, EPOCHS);
    assert.ok(result.resumedFromEpoch >= 1, `resumed after epoch ${result.resumedFromEpoch}`);
    assert.deepEqual(azure.jobs.all().map(({ status, starts }) => ({ status, starts })), [{ status: 'Completed', starts: 2 }]);
    assert.ok((await stores.runs.readCandidateFile(RUN, MODEL_FILES.onnx)).byteLength > 1_000_000);
    assert.deepEqual((await stores.runs.findMetrics(RUN)).map(({ epoch }) => epoch), Array.from({ length: EPOCHS }, (_, index) => index + 1));
    const notes = heartbeats.map((details) => (details as { note?: string }).note ?? '');
    assert.ok(notes.some((note) => note.startsWith('queued, 0 of 4 nodes up')), notes.join('\n'));
    assert.ok(notes.some((note) => note.startsWith('goes on after epoch')), notes.join('\n'));
    assert.match(notes.at(-1)!, new RegExp(`^epoch ${EPOCHS} of ${EPOCHS}`));
    assert.deepEqual(azure.violations(), []);
  });

  async function waitForCheckpoint() {
    await until(async () => (await stores.runs.findCheckpoint(RUN)) !== null);
    return azure.jobs.all();
  }

  it('says in the failure what the program said', async () => {
    const compute = openCompute();
    const spec = { runName: `${RUN}.c2`, gitSha: GIT_SHA, splitVersion, hyperparameters: hyperparametersSchema.parse({ epochs: 1, validationRatio: 1e-9 }) };
    await stores.runs.saveSpec(spec);
    const error: unknown = await compute.run(spec, { onEvent: () => undefined, signal: new AbortController().signal, isWanted: () => false }).then(() => null, (reason: unknown) => reason);
    assert.equal((error as { kind?: string }).kind, 'too-few-samples', String(error));
  });
});
