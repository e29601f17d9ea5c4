import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ListeningServer } from '../../api/server.ts';
import { problemSchema } from '../../api/problem.ts';
import { listen, SERVER_LIMITS } from '../../api/server.ts';
import { isFailure } from '../../domain/failure.ts';
import { until } from '../support/until.ts';

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

  describe('with those who are slow on purpose', () => {
    const LIMITS = { ...SERVER_LIMITS, headersTimeoutMs: 300, requestTimeoutMs: 600, keepAliveMs: 100, checkIntervalMs: 50 };
    const HEAD = 'POST / HTTP/1.1\r\nHost: x\r\n';

    /** What is said to somebody who sends this and then drips, and after how long the connection ends. */
    async function drip(first: string, drop: string): Promise<{ answer: string; ms: number }> {
      const startedAt = performance.now();
      const socket = connect(server!.port, HOST);
      let answer = '';
      socket.on('data', (chunk: Buffer) => { answer += chunk.toString(); });
      socket.on('error', () => undefined);
      if (first !== '') socket.write(first);
      const dripping = setInterval(() => { if (drop !== '' && socket.writable) socket.write(drop); }, 20);
      await once(socket, 'close');
      clearInterval(dripping);
      return { answer, ms: performance.now() - startedAt };
    }

    it('ends their connections, and answers others meanwhile', async () => {
      server = await listen((req, res) => void req.resume().once('end', () => res.end('fine')), FREE, LIMITS);
      const slow = [drip('', ''), drip('P', ''), drip(HEAD, 'X-A: b\r\n'), drip(`${HEAD}Content-Length: 100000\r\n\r\n`, 'x'), drip(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n')];
      const slowOnes = Array.from({ length: 200 }, () => drip(HEAD, 'X-A: b\r\n'));
      assert.equal(await (await fetch(`http://${HOST}:${server.port}`)).text(), 'fine');
      for (const { answer, ms } of await Promise.all([...slow, ...slowOnes])) {
        assert.match(answer, /^HTTP\/1\.1 408 Request Timeout\r\nContent-Type: application\/problem\+json/);
        assert.ok(ms < 5_000, `${ms} ms`);
      }
    });

    it('tells those who go on sending what is wrong, before it ends their connections', async () => {
      server = await listen((_req, res) => res.end('fine'), FREE, LIMITS);
      const socket = connect(server.port, HOST);
      socket.write('GET\r\n\r\n');
      // What comes once the answer is under way must not take it away.
      await until(async () => (await server!.countConnections()) === 1);
      for (let piece = 0; piece < 100; piece += 1) socket.write('x'.repeat(10_000));
      assert.match(await text(socket), /^HTTP\/1\.1 400 Bad Request\r\n/);
      await until(async () => (await server!.countConnections()) === 0);
    });

    it('ends connections on which nothing is read or asked any more', async () => {
      const limits = { ...LIMITS, silenceMs: 900 };
      server = await listen((_req, res) => res.end('fine'), FREE, limits);
      const { answer, ms } = await drip('GET / HTTP/1.1\r\nHost: x\r\n\r\n', '');
      assert.match(answer, /^HTTP\/1\.1 200 OK/);
      assert.ok(ms < 5_000, `${ms} ms`);
      await server.close(0);
      server = await listen((_req, res) => res.end(Buffer.alloc(50_000_000)), FREE, limits);
      const neverReads = connect(server.port, HOST);
      neverReads.on('error', () => undefined);
      neverReads.pause();
      neverReads.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await until(async () => (await server!.countConnections()) === 1);
      await until(async () => (await server!.countConnections()) === 0);
      neverReads.destroy();
    });

    it('takes no more connections than it can hold', async () => {
      server = await listen((_req, res) => res.end('fine'), FREE, { ...LIMITS, headersTimeoutMs: 5_000, requestTimeoutMs: 5_000, maxConnections: 3 });
      const held = Array.from({ length: 3 }, () => connect(server!.port, HOST));
      await Promise.all(held.map((socket) => once(socket, 'connect')));
      for (const socket of held) socket.on('error', () => undefined).write('G');
      await until(async () => (await server!.countConnections()) === 3);
      await assert.rejects(fetch(`http://${HOST}:${server.port}`));
      held[0]!.destroy();
      await until(() => fetch(`http://${HOST}:${server!.port}`).then(({ ok }) => ok, () => false));
      for (const socket of held) socket.destroy();
    });
  });

  it('says what is wrong with what is no request', async () => {
    server = await listen((_req, res) => res.end('fine'), FREE);
    const cases: readonly (readonly [string, number, string])[] = [
      ['GET\r\n\r\n', 400, 'request-malformed'],
      [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
      ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400, 'request-malformed'],
      ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n', 400, 'request-malformed'],
      ['POST / HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\nContent-Length: 0\r\n\r\n', 417, 'expectation-failed'],
    ];
    for (const [sent, status, kind] of cases) {
      const socket = connect(server.port, HOST);
      socket.on('error', () => undefined);
      socket.write(sent);
      const [head, body] = (await text(socket)).split('\r\n\r\n');
      assert.match(head!, new RegExp(`^HTTP/1.1 ${status} [^]*Content-Type: application/problem\\+json`), sent.slice(0, 60));
      const problem = problemSchema.parse(JSON.parse(body!));
      assert.deepEqual([problem.status, problem.kind], [status, kind]);
    }
  });
});
