import assert from 'node:assert/strict';
import { toChildEnvironment, toTrainingEnvironment } from '../../config/child-environment.ts';
import { loadConfig } from '../../config/config.ts';

describe('the environment of a child process', () => {
  it('is this process\'s own, with what was decided', () => {
    const environment = toChildEnvironment({ BAROMETER_API_PORT: '99' });
    assert.equal(environment['BAROMETER_API_PORT'], '99');
    assert.equal(environment['PATH'], process.env['PATH']);
  });

  it('tells the train program its storage account, by connection string or by URL', () => {
    assert.equal(toTrainingEnvironment({ connectionString: 'all' })['BAROMETER_STORAGE_CONNECTION_STRING'], 'all');
    const byUrl = toTrainingEnvironment({ accountUrl: 'https://venues.example' });
    assert.equal(byUrl['BAROMETER_STORAGE_ACCOUNT_URL'], 'https://venues.example');
  });

  it('opens the same account in the train program', () => {
    for (const storage of [{ connectionString: 'all' }, { accountUrl: 'https://venues.example' }]) {
      assert.deepEqual(loadConfig(toTrainingEnvironment(storage)).storage, storage);
    }
  });

  it('keeps the MLflow run of this process from trainings, for it starts many', () => {
    process.env['MLFLOW_RUN_ID'] = 'one for all';
    try {
      assert.equal(loadConfig({ ...toTrainingEnvironment({ connectionString: 'all' }), MLFLOW_TRACKING_URI: 'https://mlflow.example' }).mlflow?.runId, null);
    } finally {
      delete process.env['MLFLOW_RUN_ID'];
    }
  });

  it('opens the account by its URL although a connection string lies about', () => {
    const name = 'BAROMETER_STORAGE_CONNECTION_STRING';
    const before = process.env[name];
    process.env[name] = 'of another account';
    try {
      const storage = { accountUrl: 'https://venues.example' };
      assert.deepEqual(loadConfig(toTrainingEnvironment(storage)).storage, storage);
    } finally {
      process.env[name] = before ?? '';
    }
  });
});
