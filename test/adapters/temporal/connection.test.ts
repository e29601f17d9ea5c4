import assert from 'node:assert/strict';
import { connectTemporal } from '../../../adapters/temporal/connection.ts';
import { isFailure } from '../../../domain/failure.ts';
import { findFreePort } from '../../support/barometer.ts';
import { useTemporal } from '../../support/temporal.ts';

describe('a connection to Temporal', () => {
  const temporal = useTemporal();

  it('speaks for its namespace', async () => {
    const { client, close } = await connectTemporal({ address: temporal.env.address, namespace: 'venues' });
    assert.equal(client.options.namespace, 'venues');
    await close();
  });

  it('answers', async () => {
    const { client, close } = await connectTemporal({ address: temporal.env.address, namespace: 'default' });
    assert.equal((await client.workflow.count('WorkflowId = "nobody"')).count, 0);
    await close();
  });

  it('says where it looked and what to do when there is no server', async () => {
    const address = `127.0.0.1:${await findFreePort()}`;
    await assert.rejects(connectTemporal({ address, namespace: 'default' }), (error) => {
      assert.ok(isFailure(error, 'dependency-unavailable'));
      assert.match(error.message, new RegExp(`no Temporal server at ${address}.*npm start.*BAROMETER_TEMPORAL_ADDRESS`));
      return true;
    });
  });
});
