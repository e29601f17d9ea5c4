import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { ListeningServer } from '../../api/server.ts';
import { listen } from '../../api/server.ts';
import { isFailure } from '../../domain/failure.ts';

const HOST = '127.0.0.1';
const FREE = { host: HOST, port: 0 };

describe('server', () => {
  let server: ListeningServer | undefined;

  afterEach(() => server?.close(0));

  it('says plainly that its port is taken', async () => {
    server = await listen((_req, res) => res.end(), FREE);
    const again = listen((_req, res) => res.end(), { host: HOST, port: server.port });
    await assert.rejects(again, (error) => {
      assert.ok(isFailure(error, 'configuration-invalid'));
      assert.match(error.message, /:\d+: something listens there already/);
      return true;
    });
  });

  it('does not blame the port when the address is not this machine\'s', async () => {
    // Of a block that is kept for documentation (RFC 5737): nobody has it.
    const elsewhere = listen((_req, res) => res.end(), { host: '192.0.2.1', port: 0 });
    await assert.rejects(elsewhere, (error) => {
      assert.ok(isFailure(error, 'configuration-invalid'));
      assert.match(error.message, /this machine has no such address; set BAROMETER_API_HOST/);
      return true;
    });
  });

  it('cuts off what is not answered within the limit when it closes', async () => {
    server = await listen(() => undefined, FREE);
    const answer = fetch(`http://${HOST}:${server.port}`);
    const cut = assert.rejects(answer);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const startedAt = performance.now();
    await server.close(100);
    assert.ok(performance.now() - startedAt < 5_000);
    await cut;
    server = undefined;
  });

  it('survives what is no HTTP', async () => {
    server = await listen((_req, res) => res.end('fine'), FREE);
    for (const nonsense of ['\x16\x03\x01\x02\x00', 'GET\r\n\r\n', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`]) {
      const socket = connect(server.port, HOST);
      socket.on('error', () => undefined);
      const closed = once(socket, 'close');
      socket.resume();
      socket.write(nonsense);
      await closed;
    }
    assert.equal(await (await fetch(`http://${HOST}:${server.port}`)).text(), 'fine');
  });
});
