import assert from 'node:assert/strict';
import { afterEach, beforeEach } from 'mocha';
import { createWorkspaceModels } from '../../../../adapters/compute/azure-ml/models.ts';
import { isFailure } from '../../../../domain/failure.ts';
import type { ModelManifest } from '../../../../domain/model.ts';
import type { TrainingSite } from '../../../support/azure-ml/training-site.ts';
import { openTrainingSite, RUN, TEST_CREDENTIAL } from '../../../support/azure-ml/training-site.ts';
import { GIT_SHA, toRegistration } from '../../../support/models.ts';

const manifest: ModelManifest = { ...toRegistration().manifest, name: 'emotions-cnn', version: 7, registeredAt: '2026-11-24T02:00:00.000Z', files: [] };

describe('the models of a workspace', () => {
  let site: TrainingSite;

  beforeEach('open one', async () => {
    site = await openTrainingSite();
  });

  afterEach('end it; every request must have kept the contract', async () => {
    const broken = site.azure.violations();
    await site.stop();
    assert.deepEqual(broken, []);
  });

  const open = () => createWorkspaceModels({ settings: site.settings, credential: TEST_CREDENTIAL });
  const written = () => site.azure.requests.filter(({ operation }) => operation === 'writeModel').length;

  it('have the number of ours, point at the files of ours, and say where they come from', async () => {
    const id = await open().registerInWorkspace({ manifest });
    assert.match(id, /\/workspaces\/moods\/models\/emotions-cnn\/versions\/7$/);
    assert.deepEqual(site.azure.state.list('models'), ['emotions-cnn:7']);
    const { modelUri, tags } = site.azure.state.readAsset('models', 'emotions-cnn:7')!['properties'] as { modelUri: string; tags: object };
    assert.match(modelUri, /\/datastores\/barometer_models\/paths\/emotions-cnn\/versions\/7\/$/);
    assert.deepEqual(tags, { 'git-sha': GIT_SHA, run: RUN, 'dataset-version': manifest.datasetVersion, accuracy: '0.7500' });
  });

  it('are registered once', async () => {
    const first = await open().registerInWorkspace({ manifest });
    assert.equal(await open().registerInWorkspace({ manifest }), first);
    assert.equal(written(), 1);
  });

  it('are registered once also when the answer is lost', async () => {
    site.azure.faults.plan('writeModel', 'lose the answer');
    await open().registerInWorkspace({ manifest });
    assert.deepEqual(site.azure.state.list('models'), ['emotions-cnn:7']);
  });

  it('are refused to those without the role', async () => {
    site.azure.deny('writeModel');
    await assert.rejects(open().registerInWorkspace({ manifest }), (error) => isFailure(error, 'access-denied') && /"AzureML Data Scientist"/.test(error.message));
  });
});
