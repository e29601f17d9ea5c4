import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Access } from '../../api/access.ts';
import { isLoopback, toOpenness } from '../../api/access.ts';
import type { ServedModel } from '../../api/load-model.ts';
import type { ModelSource } from '../../api/model-source.ts';
import type { Problem } from '../../api/problem.ts';
import { toPerEmotion } from '../../domain/emotion.ts';
import type { TestApi } from '../support/api.ts';
import { startTestApi, toForm } from '../support/api.ts';
import { toPhoto } from '../support/images.ts';
import { toModelCard, toRegistration } from '../support/models.ts';

const KEY = 'bm_0123456789ab_key';
const HOLDER = { id: '0123456789ab', venue: 'the-sun' };
const KEYS: Access['keys'] = { knowledge: () => 'some', findHolder: (key) => (key === KEY ? HOLDER : null) };
const NO_KEYS: Access['keys'] = { knowledge: () => 'none', findHolder: () => null };
const UNKNOWN_KEYS: Access['keys'] = { knowledge: () => 'unknown', findHolder: () => null };

describe('who may call', () => {
  let api: TestApi;
  let used: string[];

  async function start(access: Partial<Access> = {}, models?: ModelSource): Promise<void> {
    used = [];
    api = await startTestApi({ access: { open: 'never', keys: KEYS, onUse: (id) => used.push(id), ...access }, ...(models && { models }) });
  }

  afterEach(() => api.close());

  async function predict(headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${api.url}/predict`, { method: 'POST', body: toForm(await toPhoto().png().toBuffer()), headers });
  }

  /** With headers that `fetch` keeps for itself. */
  async function statusOf(path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
    const sent = request(`${api.url}${path}`, { method, headers }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode!;
  }

  async function assertProblem(answer: Response, status: number, kind: string): Promise<Problem> {
    assert.equal(answer.status, status);
    assert.equal(answer.headers.get('content-type')?.split(';')[0], 'application/problem+json');
    const problem = (await answer.json()) as Problem;
    assert.equal(problem.kind, kind);
    return problem;
  }

  describe('with keys', () => {
    beforeEach(() => start());

    it('is who has one, sent either way', async () => {
      for (const headers of [{ authorization: `Bearer ${KEY}` }, { authorization: `bearer  ${KEY} ` }, { 'x-api-key': KEY }, { 'x-api-key': KEY, authorization: 'Basic Zm9v' }]) {
        assert.equal((await predict(headers as unknown as Record<string, string>)).status, 200, JSON.stringify(headers));
      }
      assert.deepEqual(used, Array(4).fill(HOLDER.id));
    });

    it('is nobody else, and all others are told the same', async () => {
      const details = new Set<string>();
      const others = [{}, { authorization: 'Bearer bm_0123456789ab_kex' }, { authorization: 'Basic Zm9v' }, { authorization: KEY }, { authorization: 'Bearer' }, { 'x-api-key': '' }, { 'x-api-key': 'bm_x', authorization: `Bearer ${KEY}` }, { cookie: `key=${KEY}` }];
      for (const headers of others) {
        const answer = await predict(headers);
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="barometer"');
        details.add((await assertProblem(answer, 401, 'key-required')).detail);
      }
      assert.equal(details.size, 1);
      assert.equal((await fetch(`${api.url}/predict?key=${KEY}`, { method: 'POST', body: 'x' })).status, 401);
      assert.deepEqual(used, []);
    });

    it('learns nothing without one of what there is and what not', async () => {
      const answers = await Promise.all(['/model', '/model/curves.svg', '/nothing', '/predict', '/predict/', '/healthz/', '/web', '/web/../model', '//model', '/%2e%2e/model'].map((path) => statusOf(path, {})));
      assert.deepEqual(new Set(answers), new Set([401]));
      assert.equal(await statusOf('/model', {}, 'DELETE'), 401);
      assert.equal(await statusOf('/nothing', { 'x-api-key': KEY }), 404);
    });

    it('may do without one for probes and for pages that say nothing of a venue', async () => {
      for (const path of ['/', '/docs', '/privacy', '/openapi.json', '/healthz', '/readyz', '/metrics', '/web/style/base.css']) assert.equal(await statusOf(path, {}), 200, path);
      assert.equal(await statusOf('/web/nothing.css', {}), 404);
    });

    it('sees figures from inside, and through a proxy with a key only', async () => {
      assert.equal(await statusOf('/metrics', { 'x-forwarded-for': '192.0.2.1' }), 401);
      assert.equal(await statusOf('/metrics', { 'x-forwarded-for': '192.0.2.1', 'x-api-key': KEY }), 200);
      assert.equal(await statusOf('/readyz', { 'x-forwarded-for': '192.0.2.1' }), 200);
    });

    it('is named in the log by the key\'s id, and never by the key', async () => {
      await (await predict({ 'x-api-key': KEY })).arrayBuffer();
      const line = api.lines.find(({ msg, route }) => msg === 'request' && route === '/predict');
      assert.equal(line!['key'], HOLDER.id);
      assert.ok(!JSON.stringify(api.lines).includes(KEY));
    });
  });

  describe('without a key, where it is open', () => {
    it('to all: is everybody, but a wrong key is not taken for a right one', async () => {
      await start({ open: 'always' });
      assert.equal((await predict()).status, 200);
      assert.equal((await predict({ 'x-api-key': KEY })).status, 200);
      await assertProblem(await predict({ 'x-api-key': 'bm_wrong' }), 401, 'key-required');
    });

    it('to all, and there are no keys: is everybody, whatever they send', async () => {
      await start({ open: 'always', keys: NO_KEYS });
      assert.equal((await predict({ 'x-api-key': 'bm_of_elsewhere' })).status, 200);
    });

    it('to this machine: is who asks from it, as long as no key was made', async () => {
      await start({ open: 'loopback', keys: NO_KEYS });
      assert.equal((await predict()).status, 200);
      assert.equal((await predict({ authorization: 'Bearer of-something-else' })).status, 200);
      await api.close();
      await start({ open: 'loopback' });
      await assertProblem(await predict(), 401, 'key-required');
    });

    it('to this machine: is nobody for whom a proxy speaks, and no page under a name that was made to lead here', async () => {
      await start({ open: 'loopback', keys: NO_KEYS });
      assert.equal(await statusOf('/model', {}), 200);
      assert.equal(await statusOf('/model', { host: 'localhost:1' }), 200);
      assert.equal(await statusOf('/model', { host: '[::1]:1' }), 200);
      for (const headers of [{ host: 'evil.example' }, { host: '127.0.0.1.evil.example' }, { 'x-forwarded-for': '127.0.0.1' }, { forwarded: 'for=127.0.0.1' }, { via: '1.1 proxy' }]) {
        assert.equal(await statusOf('/model', headers as unknown as Record<string, string>), 401, JSON.stringify(headers));
      }
    });

    it('to this machine: is nobody before it is known that there are no keys', async () => {
      await start({ open: 'loopback', keys: UNKNOWN_KEYS });
      const answer = await predict();
      assert.ok(Number(answer.headers.get('retry-after')) > 0);
      await assertProblem(answer, 503, 'keys-unknown');
    });

    it('to nobody: is nobody, also when there are no keys', async () => {
      await start({ open: 'never', keys: NO_KEYS });
      await assertProblem(await predict(), 401, 'key-required');
    });

    it('is decided by the setting, or by the address that it listens on', () => {
      assert.deepEqual(['127.0.0.1', '::1', 'localhost', '0.0.0.0', '::', '10.0.0.1', 'localhost.evil.example'].map((host) => toOpenness({ open: null }, host)), ['loopback', 'loopback', 'loopback', 'never', 'never', 'never', 'never']);
      assert.equal(toOpenness({ open: true }, '0.0.0.0'), 'always');
      assert.equal(toOpenness({ open: false }, '127.0.0.1'), 'never');
      assert.ok(!isLoopback('127.0.0.1.example') && !isLoopback('1127.0.0.1') && !isLoopback(''));
    });
  });

  describe('with a golden image', () => {
    const { manifest } = toRegistration();
    let image: Buffer;

    beforeEach(async () => {
      image = await toPhoto({ width: 48, height: 48 }).greyscale().png().toBuffer();
      const probabilities = toPerEmotion(() => 0.25);
      const model: ServedModel = {
        manifest: { ...manifest, name: 'emotions-cnn', version: 1, registeredAt: '2026-11-24T02:00:00.000Z', files: [] },
        card: toModelCard({ golden: [{ image: image.toString('base64'), probabilities }] }),
        classifier: { classify: (pixels) => Promise.resolve(pixels.map(() => probabilities)) },
        pictures: new Map(),
      };
      await start({ requestsPerMinute: 100 }, { current: () => model, use: (work) => work(model), refresh: () => Promise.resolve(), close: () => Promise.resolve() });
    });

    function send(body: Uint8Array, path = '/predict?faces=never', headers: Record<string, string> = {}): Promise<Response> {
      return fetch(`${api.url}${path}`, { method: 'POST', body: body as Uint8Array<ArrayBuffer>, headers: { 'content-type': 'image/png', ...headers } });
    }

    it('is whoever rolls out: pods answer for it without a key', async () => {
      const answer = await send(image);
      assert.equal(answer.status, 200);
      assert.equal(((await answer.json()) as { model: { version: number } }).model.version, 1);
      assert.match(answer.headers.get('ratelimit')!, /r=99;/);
    });

    it('is of no venue\'s camera, whatever is said', async () => {
      assert.equal((await send(image, '/predict', { 'barometer-venue': 'the-sun', 'barometer-camera': 'bar' })).status, 200);
      assert.doesNotMatch(await (await fetch(`${api.url}/metrics`)).text(), /barometer_mood_images_total\{/);
    });

    it('is nobody with another image, be it as long, or asking for something else', async () => {
      const other = Buffer.from(image);
      other[other.length - 1]! ^= 1;
      await assertProblem(await send(other), 401, 'key-required');
      await assertProblem(await send(image.subarray(1)), 401, 'key-required');
      await assertProblem(await send(Buffer.concat([image, image])), 401, 'key-required');
      for (const path of ['/predict/', '/predict/batch', '/model', '/PREDICT']) await assertProblem(await send(image, path), 401, 'key-required');
      const form = await fetch(`${api.url}/predict`, { method: 'POST', body: toForm(image) });
      await assertProblem(form, 401, 'key-required');
    });

    it('is not waited for when its length is not said', async () => {
      const sent = request(`${api.url}/predict`, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
      sent.on('error', () => undefined);
      sent.write(image.subarray(0, 10));
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      assert.equal(answer.statusCode, 401);
      sent.destroy();
    });
  });

  describe('is told how often', () => {
    it('in every answer, and turned away beyond that', async () => {
      await start({ requestsPerMinute: 3 });
      const answers = [];
      for (let times = 0; times < 4; times += 1) answers.push(await fetch(`${api.url}/model`, { headers: { 'x-api-key': KEY } }));
      assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 429]);
      for (const [index, { headers }] of answers.entries()) {
        assert.equal(headers.get('ratelimit-policy'), '"per-minute";q=3;w=60');
        const [, remaining, seconds] = /^"per-minute";r=(\d+);t=(\d+)$/.exec(headers.get('ratelimit')!)!;
        assert.equal(Number(remaining), Math.max(0, 2 - index));
        assert.ok(Number(seconds) >= 1 && Number(seconds) <= 60);
      }
      assert.deepEqual(answers.map(({ headers }) => headers.has('retry-after')), [false, false, false, true]);
      const wait = Number(answers[3]!.headers.get('retry-after'));
      assert.ok(wait >= 19 && wait <= 20, `${wait} s for one of three a minute`);
      await assertProblem(answers[3]!, 429, 'too-many-requests');
    });

    it('each key for itself, and probes never', async () => {
      await start({ requestsPerMinute: 1, keys: { knowledge: () => 'some', findHolder: (key) => ({ id: key, venue: 'the-sun' }) } });
      const statuses = [];
      for (const key of ['a', 'a', 'b']) statuses.push(await statusOf('/model', { 'x-api-key': key }));
      assert.deepEqual(statuses, [200, 429, 200]);
      for (let times = 0; times < 5; times += 1) assert.equal(await statusOf('/healthz', {}), 200);
    });

    it('by address, where no key is asked for', async () => {
      await start({ open: 'always', keys: NO_KEYS, requestsPerMinute: 1 });
      assert.equal(await statusOf('/model', {}), 200);
      assert.equal(await statusOf('/model', { 'x-forwarded-for': '192.0.2.1', 'x-api-key': 'made up' }), 429);
    });

    it('as good as never, where there is no limit', async () => {
      await start({ requestsPerMinute: 0 });
      const answer = await fetch(`${api.url}/model`, { headers: { 'x-api-key': KEY } });
      assert.ok(!answer.headers.has('ratelimit'));
    });
  });

  describe('from pages of other origins', () => {
    const ORIGIN = 'https://venue.example';
    const preflight = { origin: ORIGIN, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key' };

    it('is nobody when nothing is said', async () => {
      await start();
      const answer = await predict({ 'x-api-key': KEY, origin: ORIGIN });
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
      const asked = await fetch(`${api.url}/predict`, { method: 'OPTIONS', headers: preflight });
      assert.equal(asked.headers.get('access-control-allow-origin'), null);
    });

    it('is who was named: before asking, with an answer, and with a refusal', async () => {
      await start({ corsOrigins: [ORIGIN] });
      const asked = await fetch(`${api.url}/predict`, { method: 'OPTIONS', headers: preflight });
      assert.equal(asked.status, 204);
      assert.match(asked.headers.get('access-control-allow-headers')!, /X-Api-Key/);
      for (const [headers, status] of [[{ 'x-api-key': KEY }, 200], [{}, 401]] as const) {
        const answer = await predict({ ...headers, origin: ORIGIN });
        assert.equal(answer.status, status);
        assert.equal(answer.headers.get('access-control-allow-origin'), ORIGIN);
        assert.equal(answer.headers.get('access-control-allow-credentials'), null);
        assert.match(answer.headers.get('access-control-expose-headers')!, /RateLimit/);
        assert.match(answer.headers.get('vary')!, /Origin/);
      }
    });

    it('is nobody with a name that only looks alike', async () => {
      await start({ corsOrigins: [ORIGIN] });
      for (const origin of ['https://venue.example.evil.example', 'http://venue.example', 'null', 'https://VENUE.example']) {
        const answer = await predict({ 'x-api-key': KEY, origin });
        assert.equal(answer.headers.get('access-control-allow-origin'), null, origin);
      }
    });
  });
});
