import assert from 'node:assert/strict';
import { toAzureMlSettings, whyNotAzureMl } from '../../config/azure-ml.ts';
import { loadConfig } from '../../config/config.ts';
import { isFailure } from '../../domain/failure.ts';

const COMPLETE = {
  BAROMETER_AZURE_SUBSCRIPTION: '00000000-1111-2222-3333-444444444444',
  BAROMETER_AZURE_RESOURCE_GROUP: 'venues',
  BAROMETER_AZURE_ML_WORKSPACE: 'moods',
  BAROMETER_STORAGE_ACCOUNT_URL: 'https://moods.blob.core.windows.net',
  BAROMETER_IMAGE_REPOSITORY: 'acme/barometer',
};

describe('the settings of Azure ML', () => {
  it('are complete with workspace, storage account and image repository', () => {
    const settings = toAzureMlSettings(loadConfig(COMPLETE));
    assert.equal(settings.workspace, 'moods');
    assert.equal(settings.storageAccountUrl, 'https://moods.blob.core.windows.net');
    assert.equal(settings.imageRepository, 'ghcr.io/acme/barometer');
    assert.equal(whyNotAzureMl(loadConfig(COMPLETE)), null);
  });

  it('are asked for all at once', () => {
    const why = whyNotAzureMl(loadConfig({}))!;
    for (const name of Object.keys(COMPLETE)) assert.ok(why.includes(name), name);
    assert.throws(() => toAzureMlSettings(loadConfig({})), (error) => isFailure(error, 'configuration-invalid') && error.message === why);
  });

  it('are asked for by name when only some are missing', () => {
    const { BAROMETER_AZURE_ML_WORKSPACE: _, ...rest } = COMPLETE;
    assert.match(whyNotAzureMl(loadConfig(rest))!, /^To train in Azure ML, set BAROMETER_AZURE_ML_WORKSPACE for the workers/);
  });

  it('want a storage account that a job can reach', () => {
    for (const url of ['http://127.0.0.1:10000/devstoreaccount1', 'http://moods.blob.core.windows.net', 'https://moods.example']) {
      assert.match(whyNotAzureMl(loadConfig({ ...COMPLETE, BAROMETER_STORAGE_ACCOUNT_URL: url }))!, /let BAROMETER_STORAGE_ACCOUNT_URL be https:/, url);
    }
    assert.equal(whyNotAzureMl(loadConfig({ ...COMPLETE, BAROMETER_STORAGE_ACCOUNT_URL: 'https://moods.blob.core.chinacloudapi.cn' })), null);
  });

  it('give jobs the account by its URL, also where this process uses a connection string', () => {
    const config = loadConfig({ ...COMPLETE, BAROMETER_STORAGE_CONNECTION_STRING: 'with a key' });
    assert.deepEqual(config.storage, { connectionString: 'with a key' });
    assert.equal(toAzureMlSettings(config).storageAccountUrl, 'https://moods.blob.core.windows.net');
  });
});
