import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { afterEach } from 'mocha';
import type { PortUse } from '../../../cli/embedded/ports.ts';
import { requireFreePorts } from '../../../cli/embedded/ports.ts';
import { isFailure } from '../../../domain/failure.ts';
import { findFreePort } from '../../support/free-port.ts';

describe('the ports of the embedded stack', () => {
  const listening: Server[] = [];

  afterEach('stop listening', () => {
    for (const server of listening.splice(0)) server.close();
  });

  async function listen(host: string): Promise<number> {
    const server = createServer().listen(0, host);
    listening.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  function toUse(port: number, what: string): PortUse {
    return { port, what, variable: `BAROMETER_${what.toUpperCase()}_PORT` };
  }

  it('may be used when nobody listens, and are free afterwards', async () => {
    const use = toUse(await findFreePort(), 'api');
    await requireFreePorts([use]);
    await requireFreePorts([use]);
  });

  it('are all named that are taken, with the variable that moves each', async () => {
    const taken = [toUse(await listen('127.0.0.1'), 'api'), toUse(await listen('0.0.0.0'), 'temporal')];
    const free = toUse(await findFreePort(), 'azurite');
    await assert.rejects(requireFreePorts([...taken, free]), (error) => {
      assert.ok(isFailure(error, 'configuration-invalid'));
      assert.deepEqual(error.message.split('\n').slice(1), [
        `  port ${taken[0]!.port} for api: set BAROMETER_API_PORT to another one`,
        `  port ${taken[1]!.port} for temporal: set BAROMETER_TEMPORAL_PORT to another one`,
      ]);
      return true;
    });
  });

  it('are not said to be taken when this user may just not listen on them', async function () {
    const port = 1;
    if (!mayBePrivileged(port)) this.skip();
    const taken = toUse(await listen('127.0.0.1'), 'api');
    await asNobody(() =>
      assert.rejects(requireFreePorts([toUse(port, 'temporal'), taken]), (error) => {
        assert.ok(isFailure(error, 'configuration-invalid'));
        assert.deepEqual(error.message.split('\n'), [
          'This user may not listen there; most systems keep ports below 1024 for administrators:',
          `  port ${port} for temporal: set BAROMETER_TEMPORAL_PORT to another one`,
          'Something listens already, perhaps another Barometer:',
          `  port ${taken.port} for api: set BAROMETER_API_PORT to another one`,
        ]);
        return true;
      }),
    );
  });

  it('can\'t be the same for two things', async () => {
    const port = await findFreePort();
    await assert.rejects(requireFreePorts([toUse(port, 'api'), toUse(port, 'temporal')]), (error) => {
      assert.ok(isFailure(error, 'configuration-invalid'));
      assert.deepEqual(error.message.split('\n').slice(1), [`  port ${port} for temporal: set BAROMETER_TEMPORAL_PORT to another one`]);
      return true;
    });
  });
});

/** Containers often run with every port allowed to everybody; other systems than Linux have rules of their own. */
function mayBePrivileged(port: number): boolean {
  const setting = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
  return existsSync(setting) && port < Number(readFileSync(setting, 'utf8'));
}

/** An administrator may listen anywhere: the work is done without those rights. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  const { geteuid, seteuid } = process;
  const self = geteuid?.();
  if (self !== 0) return work();
  seteuid?.('nobody');
  await work().finally(() => seteuid?.(self));
}
