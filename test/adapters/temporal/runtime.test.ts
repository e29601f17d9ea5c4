import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { runBarometer } from '../../support/barometer.ts';

describe('the metrics of a worker', () => {
  it('name the setting when nothing can listen at their address', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const { exitCode, stderr } = await runBarometer(['worker'], { BAROMETER_WORKER_METRICS_ADDRESS: address });
      assert.equal(exitCode, 1);
      assert.match(stderr, new RegExp(`can't show its metrics at ${address}: something listens there already.*BAROMETER_WORKER_METRICS_ADDRESS`));
    } finally {
      server.close();
    }
  });
});
