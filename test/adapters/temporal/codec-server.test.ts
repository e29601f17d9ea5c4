import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import type { CodecServer } from '../../../adapters/temporal/codec-server.ts';
import { startCodecServer } from '../../../adapters/temporal/codec-server.ts';
import { createPayloadEncryption } from '../../../adapters/temporal/payload-encryption.ts';
import { isFailure } from '../../../domain/failure.ts';

const UI = 'http://ui.example:8233';

interface JsonPayload {
  readonly metadata: Record<string, string>;
  readonly data: string;
}

describe('the codec server', () => {
  const codec = createPayloadEncryption([{ id: 'a-key', secret: randomBytes(32) }]);
  let server: CodecServer;

  before(async () => {
    server = await startCodecServer({ codec, origins: [UI], host: '127.0.0.1', port: 0 });
  });

  after(() => server.close());

  const toBase64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64');

  function ask(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${server.url}${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json', 'x-namespace': 'default', ...headers } });
  }

  async function askFor(path: string, payloads: unknown[]): Promise<JsonPayload[]> {
    const response = await ask(path, JSON.stringify({ payloads }));
    assert.equal(response.status, 200, await response.clone().text());
    return ((await response.json()) as { payloads: JsonPayload[] }).payloads;
  }

  const PLAIN: JsonPayload = { metadata: { encoding: toBase64('json/plain') }, data: toBase64('{"gitSha":"abcdef"}') };

  it('encrypts and decrypts payloads in the JSON of the protocol', async () => {
    const [hidden] = await askFor('/encode', [PLAIN]);
    assert.equal(hidden!.metadata['encoding'], toBase64('binary/encrypted'));
    assert.deepEqual(await askFor('/decode', [hidden, PLAIN]), [PLAIN, PLAIN]);
    assert.deepEqual(await askFor('/venues/decode', [hidden]), [PLAIN]);
  });

  it('decrypts what workers have encrypted', async () => {
    const [hidden] = await codec.encode([defaultPayloadConverter.toPayload({ gitSha: 'abcdef' })]);
    const metadata = Object.fromEntries(Object.entries(hidden!.metadata!).map(([name, value]) => [name, toBase64(value)]));
    assert.deepEqual(await askFor('/decode', [{ metadata, data: toBase64(hidden!.data!) }]), [PLAIN]);
  });

  it('lets pages of the UI ask, after asking whether they may', async () => {
    const preflight = await fetch(`${server.url}/decode`, {
      method: 'OPTIONS',
      headers: { origin: UI, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,x-namespace' },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'), UI);
    assert.match(preflight.headers.get('access-control-allow-headers')!, /x-namespace/);
    const answer = await ask('/decode', JSON.stringify({ payloads: [PLAIN] }), { origin: UI });
    assert.equal(answer.headers.get('access-control-allow-origin'), UI);
  });

  it('says nothing to pages of others, not even when they do not ask whether they may', async () => {
    for (const method of ['OPTIONS', 'POST']) {
      const response = await fetch(`${server.url}/decode`, {
        method,
        headers: { origin: 'https://evil.example', 'content-type': 'text/plain' },
        ...(method === 'POST' ? { body: JSON.stringify({ payloads: [PLAIN] }) } : {}),
      });
      assert.equal(response.status, 403);
      assert.equal(response.headers.get('access-control-allow-origin'), null);
      assert.doesNotMatch(await response.text(), /abcdef|eyJnaXRTaGEi/);
    }
  });

  it('refuses what is no list of payloads', async () => {
    for (const body of ['', 'no json', '{}', '{"payloads":{}}', '{"payloads":[{"data":"*"}]}', '{"payloads":[{"metadata":{"encoding":7}}]}']) {
      assert.equal((await ask('/decode', body)).status, 400, body);
    }
  });

  it('refuses what is too large', async () => {
    const status = await ask('/decode', `{"payloads":[{"data":"${'A'.repeat(17 * 1024 * 1024)}"}]}`).then(({ status: given }) => given, () => 'cut off');
    assert.ok(status === 413 || status === 'cut off', String(status));
    assert.equal((await ask('/decode', '{"payloads":[]}')).status, 200, 'it goes on');
  });

  it('says which key is missing', async () => {
    const [hidden] = await createPayloadEncryption([{ id: 'of-others', secret: randomBytes(32) }]).encode([defaultPayloadConverter.toPayload(1)]);
    const metadata = Object.fromEntries(Object.entries(hidden!.metadata!).map(([name, value]) => [name, toBase64(value)]));
    const response = await ask('/decode', JSON.stringify({ payloads: [{ metadata, data: toBase64(hidden!.data!) }] }));
    assert.equal(response.status, 400);
    assert.match(await response.text(), /of-others/);
  });

  it('has no other routes and methods', async () => {
    assert.equal((await ask('/', '{}')).status, 404);
    assert.equal((await fetch(`${server.url}/decode`)).status, 405);
  });

  it('names the setting of its port when that is taken', async () => {
    const taken = Number(new URL(server.url).port);
    await assert.rejects(startCodecServer({ codec, origins: [UI], host: '127.0.0.1', port: taken }), (error) => isFailure(error, 'configuration-invalid') && /BAROMETER_CODEC_PORT/.test(error.message));
  });
});
