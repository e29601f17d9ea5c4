import assert from 'node:assert/strict';
import { toTrackingAddress } from '../../../adapters/mlflow/tracking-address.ts';
import { isFailure } from '../../../domain/failure.ts';

const WORKSPACE = '/subscriptions/1c2d/resourceGroups/barometer/providers/Microsoft.MachineLearningServices/workspaces/barometer';

describe('the address of an MLflow server', () => {
  it('is the URI, without a slash at its end', () => {
    assert.deepEqual(toTrackingAddress('http://127.0.0.1:5000/'), { baseUrl: 'http://127.0.0.1:5000', isAzureMl: false, basic: null });
    assert.equal(toTrackingAddress('https://tools.example/mlflow/').baseUrl, 'https://tools.example/mlflow');
  });

  it('takes user and password out of the URI', () => {
    const { baseUrl, basic } = toTrackingAddress('https://ada:p%40ss@mlflow.example');
    assert.equal(baseUrl, 'https://mlflow.example');
    assert.deepEqual(basic, { username: 'ada', password: 'p@ss' });
  });

  it('is, for an Azure ML workspace, that of its service', () => {
    const expected = { baseUrl: `https://westeurope.api.azureml.ms/mlflow/v2.0${WORKSPACE}`, isAzureMl: true, basic: null };
    assert.deepEqual(toTrackingAddress(`azureml://westeurope.api.azureml.ms/mlflow/v1.0${WORKSPACE}`), expected);
    assert.deepEqual(toTrackingAddress(`azureml://westeurope.api.azureml.ms/mlflow/v2.0${WORKSPACE}?`), expected);
    assert.deepEqual(toTrackingAddress(`azureml://westeurope.api.azureml.ms${WORKSPACE}`), expected);
  });

  it('is nothing else, and a refusal repeats no password', () => {
    for (const uri of ['', 'mlruns', 'databricks', 'file:///tmp/mlruns', 'sqlite:///secret.db', 'azureml://westeurope.api.azureml.ms/secret', 'http://ada:secret@:0']) {
      assert.throws(() => toTrackingAddress(uri), (error) => {
        assert.ok(isFailure(error, 'configuration-invalid'), uri);
        assert.match(error.message, /^MLFLOW_TRACKING_URI can't be used\. /);
        assert.ok(!error.message.includes('secret'));
        return true;
      });
    }
  });
});
