import assert from 'node:assert/strict';
import { loadConfig } from '../../config/config.ts';

describe('the settings of the storage account', () => {
  it('open the storage account by its URL, but by the connection string when both are there', () => {
    const byUrl = { BAROMETER_STORAGE_ACCOUNT_URL: 'https://venues.blob.core.windows.net' };
    assert.deepEqual(loadConfig(byUrl).storage, { accountUrl: 'https://venues.blob.core.windows.net' });
    assert.deepEqual(loadConfig({ ...byUrl, BAROMETER_STORAGE_CONNECTION_STRING: 'all' }).storage, { connectionString: 'all' });
  });
});
