import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';
import { describe, it } from 'mocha';
import { gatherReport, toCandidateName } from '../../../cli/reporters/gather-report.ts';
import { createRunStore } from '../../../adapters/blob-storage/run-store.ts';
import { loadConfig } from '../../../config/config.ts';
import { useAzurite } from '../../support/azurite.ts';
import { toHistory, toTrainedState } from '../../support/reported-runs.ts';
import { toRunState } from '../../support/run-states.ts';
import { createAzureBlobStore } from '../../../adapters/blob-storage/azure-blob-store.ts';

const RUN = { handle: {} as WorkflowHandle, workflowId: 'pipeline-1', runId: 'run-1', joined: false, url: 'https://temporal.example/x' };

describe('what a report is made of', () => {
  const azurite = useAzurite();

  it('is the training that the best candidate has filed, and the model\'s card where it can be opened', async () => {
    const blobs = await azurite.newStore();
    const runs = createRunStore(blobs);
    const state = toTrainedState({ candidate: 'a-run.c2' });
    await runs.saveMetrics('a-run.c2', toHistory(3));
    const config = { ...loadConfig({}), storage: { accountUrl: 'https://acme.blob.core.windows.net' } };
    const missing: string[] = [];
    const report = await gatherReport(RUN, { status: 'succeeded', state }, { config, stores: { runs }, onMissing: (what) => missing.push(what) });
    assert.equal(report.training!.history.length, 3);
    assert.equal(report.cardUrl, 'https://acme.blob.core.windows.net/models/emotions-cnn/versions/7/card.json');
    assert.equal(missing.length, 1, 'the server is not there');
    assert.match(missing[0]!, /how often steps were tried/);
  });

  it('is what Temporal knows where the storage account can\'t be reached, and says so', async () => {
    const storage = { connectionString: 'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/a' };
    const runs = createRunStore(createAzureBlobStore(storage, { maxTries: 1 }));
    const missing: string[] = [];
    const report = await gatherReport(RUN, { status: 'succeeded', state: toTrainedState() }, { config: { ...loadConfig({}), storage }, stores: { runs }, onMissing: (what) => missing.push(what) });
    assert.equal(report.training, null);
    assert.equal(report.cardUrl, null);
    assert.match(missing.join('\n'), /without the training's curves: The storage account can't be reached/);
  });

  it('knows where the candidate is filed, once there is one', () => {
    assert.equal(toCandidateName(toRunState()), null);
    assert.equal(toCandidateName({ ...toRunState(), accuracy: 0.5 }), toRunState().runName);
    assert.equal(toCandidateName({ ...toRunState(), candidate: 'x.c1' }), 'x.c1');
  });
});
