import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { connectTemporal } from '../../../adapters/temporal/connection.ts';
import { isFailure } from '../../../domain/failure.ts';
import { findFreePort } from '../../support/free-port.ts';
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

  it('waits for a server that listens and does not answer yet', async () => {
    const { hostname, port } = new URL(`tcp://${temporal.env.address}`);
    const sockets: Socket[] = [];
    // The first is let through when somebody has lost patience with it, and looks again who listens.
    const looksAgain = Promise.withResolvers<undefined>();
    const server = createServer((socket) => {
      const behind = connect(Number(port), hostname);
      for (const each of [socket, behind]) sockets.push(each.on('error', () => undefined));
      if (sockets.length > 2) looksAgain.resolve(undefined);
      void looksAgain.promise.then(() => socket.pipe(behind).pipe(socket));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { client, close } = await connectTemporal({ address: `127.0.0.1:${(server.address() as AddressInfo).port}`, namespace: 'default' });
      assert.equal((await client.workflow.count('WorkflowId = "nobody"')).count, 0);
      await close();
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });

  it('says what listens there when that is no Temporal server', async () => {
    const server = createServer((socket) => { socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'); }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await assert.rejects(connectTemporal({ address, namespace: 'default' }), (error) => isFailure(error, 'dependency-unavailable') && error.message.includes(`What listens at ${address} does not answer as a Temporal server does`));
    server.close();
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
