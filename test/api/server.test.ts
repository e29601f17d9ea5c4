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
    await assert.rejects(again, (error) => isFailure(error, 'configuration-invalid'));
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
