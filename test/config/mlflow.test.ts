import assert from 'node:assert/strict';
import { loadConfig } from '../../config/config.ts';

describe('the settings of MLflow', () => {
  it('are none without a tracking URI', () => {
    assert.equal(loadConfig({ MLFLOW_EXPERIMENT_NAME: 'mine', MLFLOW_TRACKING_TOKEN: 'abc' }).mlflow, null);
  });

  it('name the experiment when nobody does', () => {
    assert.deepEqual(loadConfig({ MLFLOW_TRACKING_URI: 'http://mlflow.example' }).mlflow, { trackingUri: 'http://mlflow.example', experimentName: 'barometer', runId: null, token: null, basic: null });
  });

  it('take a user name with a password only', () => {
    assert.equal(loadConfig({ MLFLOW_TRACKING_URI: 'http://mlflow.example', MLFLOW_TRACKING_USERNAME: 'ada' }).mlflow!.basic, null);
  });

  it('keep nothing from starting, whatever lies about in the environment', () => {
    assert.equal(loadConfig({ MLFLOW_TRACKING_URI: 'databricks' }).mlflow!.trackingUri, 'databricks');
  });
});
