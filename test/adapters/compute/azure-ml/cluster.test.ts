import assert from 'node:assert/strict';
import { afterEach } from 'mocha';
import { isFailure } from '../../../../domain/failure.ts';
import type { SiteOptions, TrainingSite } from '../../../support/azure-ml/training-site.ts';
import { openTrainingSite, RUN, toMessages } from '../../../support/azure-ml/training-site.ts';

const IDENTITY = '/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/barometer-test/providers/Microsoft.ManagedIdentity/userAssignedIdentities/trainer';

describe('the cluster', () => {
  let site: TrainingSite | null = null;

  async function open(options?: SiteOptions): Promise<TrainingSite> {
    site = await openTrainingSite(options);
    return site;
  }

  afterEach('end the workspace; every request must have kept the contract', async () => {
    const broken = site?.azure.violations() ?? [];
    await site?.stop();
    site = null;
    assert.deepEqual(broken, []);
  });

  function toExisting({ identityType = 'SystemAssigned', computeType = 'AmlCompute' } = {}) {
    const scaleSettings = { minNodeCount: 1, maxNodeCount: 2, nodeIdleTimeBeforeScaleDown: 'PT120S' };
    const properties = { vmSize: 'STANDARD_DS3_V2', vmPriority: 'Dedicated', osType: 'Linux', scaleSettings };
    return { location: 'westeurope', identity: { type: identityType }, properties: { computeType, properties } };
  }

  function readWritten({ azure }: TrainingSite) {
    const [request] = azure.requests.filter(({ operation }) => operation === 'writeCompute');
    return request!.body as { location: string; identity: object; properties: { properties: Record<string, unknown> } };
  }

  it('is made as the settings say, where the workspace is', async () => {
    const opened = await open({ settings: { vmSize: 'Standard_D4s_v5', maxNodes: 3, idleSeconds: 90, lowPriority: true } });
    assert.equal((await opened.train()).error, null);
    const { location, identity, properties } = readWritten(opened);
    assert.equal(location, 'westeurope');
    assert.deepEqual(identity, { type: 'SystemAssigned' });
    const { vmSize, vmPriority, scaleSettings } = properties.properties;
    assert.deepEqual({ vmSize, vmPriority }, { vmSize: 'Standard_D4s_v5', vmPriority: 'LowPriority' });
    assert.deepEqual(scaleSettings, { minNodeCount: 0, maxNodeCount: 3, nodeIdleTimeBeforeScaleDown: 'PT90S' });
  });

  it('says which identity must be let into the storage account, when it is made', async () => {
    const { train } = await open();
    const messages = toMessages((await train()).events);
    assert.ok(messages.some((message) => /identity [0-9a-f-]{36} needs the role "Storage Blob Data Contributor"/.test(message)), messages.join('\n'));
  });

  it('gets the identity of the settings, and jobs are told its client id', async () => {
    const opened = await open({ settings: { identityId: IDENTITY } });
    assert.equal((await opened.train()).error, null);
    assert.deepEqual(readWritten(opened).identity, { type: 'UserAssigned', userAssignedIdentities: { [IDENTITY]: {} } });
    const { environmentVariables, ...properties } = opened.azure.jobs.find(`barometer-${RUN}`)!.properties as { environmentVariables?: Record<string, string>; identity?: object };
    assert.match(environmentVariables!['AZURE_CLIENT_ID']!, /^[0-9a-f-]{36}$/);
    assert.deepEqual(properties.identity, { identityType: 'Managed', clientId: environmentVariables!['AZURE_CLIENT_ID'] });
  });

  it('is used as it is when it is there already, and the difference is said', async () => {
    const { azure, train } = await open();
    azure.state.writeCompute('barometer-cpu', toExisting());
    const { events, error } = await train();
    assert.equal(error, null);
    assert.deepEqual(azure.requests.filter(({ operation }) => operation === 'writeCompute'), []);
    assert.ok(toMessages(events).includes('the cluster barometer-cpu is used as it is, 1 to 2 nodes of STANDARD_DS3_V2, though the settings say otherwise'));
  });

  it('is not used when jobs on it could not sign in anywhere', async () => {
    const { azure, train } = await open();
    azure.state.writeCompute('barometer-cpu', toExisting({ identityType: 'None' }));
    const { error } = await train();
    assert.ok(isFailure(error, 'configuration-invalid'));
    assert.match(error.message, /has no managed identity/);
    assert.deepEqual(azure.jobs.all(), []);
  });

  it('is not used when it is no cluster', async () => {
    const { azure, train } = await open();
    azure.state.writeCompute('barometer-cpu', toExisting({ computeType: 'ComputeInstance' }));
    const { error } = await train();
    assert.ok(isFailure(error, 'configuration-invalid'));
    assert.match(error.message, /is a ComputeInstance, no cluster of nodes/);
    assert.deepEqual(azure.jobs.all(), []);
  });
});
