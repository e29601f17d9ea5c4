import assert from 'node:assert/strict';
import { afterEach, beforeEach } from 'mocha';
import { createAssets } from '../../../../adapters/compute/azure-ml/assets.ts';
import { createWorkspace } from '../../../../adapters/compute/azure-ml/workspace.ts';
import { isFailure } from '../../../../domain/failure.ts';
import type { TrainingSite } from '../../../support/azure-ml/training-site.ts';
import { DATASET, openTrainingSite, RUN, SPLIT, TEST_CREDENTIAL } from '../../../support/azure-ml/training-site.ts';
import { GIT_SHA } from '../../../support/models.ts';

describe('what lies in a workspace', () => {
  let site: TrainingSite;

  beforeEach('open one', async () => {
    site = await openTrainingSite();
  });

  afterEach('end it; every request must have kept the contract', async () => {
    const broken = site.azure.violations();
    await site.stop();
    assert.deepEqual(broken, []);
  });

  function open(changes: { storageAccountUrl?: string } = {}) {
    const settings = { ...site.settings, ...changes };
    return createAssets(createWorkspace({ settings, credential: TEST_CREDENTIAL }), settings);
  }

  const written = () => site.azure.requests.filter(({ operation }) => operation.startsWith('write')).length;

  it('is made once', async () => {
    const assets = open();
    const make = () => Promise.all([assets.ensureEnvironment(GIT_SHA), assets.ensureData(DATASET, SPLIT)]);
    const [id] = await make();
    assert.match(id, /\/environments\/barometer-trainer\/versions\/1a2b3c4d5e6f-[0-9a-f]{8}$/);
    const before = written();
    await make();
    assert.equal(written(), before);
  });

  it('is made together by several who come at once', async () => {
    await Promise.all([open(), open(), open(), open()].map((assets) => assets.ensureData(DATASET, SPLIT)));
    assert.equal(site.azure.state.list('data').length, 7);
  });

  it('may be tried again after a conflict with something else', async () => {
    site.azure.faults.plan('writeDatastore', { refuse: { status: 409, code: 'Conflict' } });
    const assets = open();
    await assert.rejects(assets.ensureDatastore('models'), (error) => isFailure(error, 'write-conflict') && error.retryable);
    assert.equal(await assets.ensureDatastore('models'), 'barometer_models');
  });

  it('points at the very blobs', async () => {
    await open().ensureData(DATASET, SPLIT);
    const pathOf = (key: string) => (site.azure.state.readAsset('data', key)!['properties'] as { dataUri: string; dataType: string });
    const raw = pathOf(`barometer-raw-happy:${RUN}`);
    assert.equal(raw.dataType, 'uri_folder');
    assert.match(raw.dataUri, /^azureml:\/\/subscriptions\/.*\/workspaces\/moods\/datastores\/barometer_emotions\/paths\/happy\/$/);
    const dataset = pathOf(`barometer-processed:${RUN}`);
    assert.equal(dataset.dataType, 'uri_file');
    assert.match(dataset.dataUri, new RegExp(`/datastores/barometer_processed/paths/datasets/${RUN}\\.json$`));
  });

  it('holds no credentials of the storage account', async () => {
    await open().ensureDatastore('processed');
    const { credentials, accountName, containerName, endpoint, protocol } = site.azure.state.readAsset('datastores', 'barometer_processed')!['properties'] as Record<string, unknown>;
    assert.deepEqual({ credentials, accountName, containerName, endpoint, protocol }, { credentials: { credentialsType: 'None' }, accountName: 'moods', containerName: 'processed', endpoint: 'core.windows.net', protocol: 'https' });
  });

  it('is not taken for ours when it lies in another storage account', async () => {
    await open({ storageAccountUrl: 'https://others.blob.core.windows.net' }).ensureDatastore('processed');
    await assert.rejects(open().ensureDatastore('processed'), (error) => isFailure(error, 'configuration-invalid') && /lies in the storage account others, not in moods/.test(error.message));
  });
});
