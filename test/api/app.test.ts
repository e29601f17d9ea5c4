import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Problem } from '../../api/problem.ts';
import type { ModelAnswer } from '../../api/answers.ts';
import { MODEL_FILES } from '../../domain/names.ts';
import type { TestApi } from '../support/api.ts';
import { startTestApi, toForm } from '../support/api.ts';
import { toPhoto } from '../support/images.ts';
import { until } from '../support/until.ts';

describe('the API', () => {
  let api: TestApi;
  let ending: AbortController;

  beforeEach(async () => {
    ending = new AbortController();
    api = await startTestApi({ answer: 'sad', ending: ending.signal });
  });

  afterEach(() => api.close());

  async function assertProblem(answer: Response, status: number, kind: string): Promise<void> {
    assert.equal(answer.status, status);
    assert.equal(answer.headers.get('content-type')?.split(';')[0], 'application/problem+json');
    assert.equal(((await answer.json()) as Problem).kind, kind);
  }

  async function predict(): Promise<void> {
    const body = toForm(await toPhoto().png().toBuffer());
    await (await fetch(`${api.url}/predict`, { method: 'POST', body })).arrayBuffer();
  }

  describe('with addresses and methods', () => {
    it('that do not exist says so', async () => {
      for (const path of ['/nothing', '/predict/1', '/web/../api/main.ts', '/web/index.html', '/%00', '/model/card.json']) {
        await assertProblem(await fetch(`${api.url}${path}`), 404, 'not-found');
      }
    });

    it('that do not go together says which do', async () => {
      const get = await fetch(`${api.url}/predict`);
      assert.equal(get.headers.get('allow'), 'POST');
      await assertProblem(get, 405, 'method-not-allowed');
      const post = await fetch(`${api.url}/model`, { method: 'POST', body: 'x' });
      assert.equal(post.headers.get('allow'), 'HEAD, GET');
      await assertProblem(post, 405, 'method-not-allowed');
    });

    it('like OPTIONS and HEAD does what HTTP says', async () => {
      const options = await fetch(`${api.url}/predict`, { method: 'OPTIONS' });
      assert.equal(options.status, 200);
      assert.equal(options.headers.get('allow'), 'POST');
      const head = await fetch(`${api.url}/model`, { method: 'HEAD' });
      assert.equal(head.status, 200);
      assert.equal(await head.text(), '');
    });
  });

  describe('tells probes', () => {
    it('that it is alive and ready, and with which model', async () => {
      assert.deepEqual(await (await fetch(`${api.url}/healthz`)).json(), { status: 'alive' });
      const ready: unknown = await (await fetch(`${api.url}/readyz`)).json();
      assert.deepEqual(ready, { status: 'ready', model: { name: 'emotions-cnn', version: 1 } });
    });

    it('that it is alive but not ready without a model', async () => {
      const empty = await startTestApi({ answer: null });
      try {
        assert.equal((await fetch(`${empty.url}/healthz`)).status, 200);
        await assertProblem(await fetch(`${empty.url}/readyz`), 503, 'model-unavailable');
        await assertProblem(await fetch(`${empty.url}/model`), 503, 'model-unavailable');
        await assertProblem(await fetch(`${empty.url}/model/curves.svg`), 503, 'model-unavailable');
      } finally {
        await empty.close();
      }
    });

    it('that it is going away, while it still answers', async () => {
      ending.abort();
      await assertProblem(await fetch(`${api.url}/readyz`), 503, 'shutting-down');
      assert.equal((await fetch(`${api.url}/healthz`)).status, 200);
      assert.equal((await fetch(`${api.url}/model`)).status, 200);
    });
  });

  describe('tells about its model', () => {
    it('the manifest, the card and where the pictures are', async () => {
      const model = (await (await fetch(`${api.url}/model`)).json()) as ModelAnswer;
      assert.equal(model.manifest.version, 1);
      assert.equal(model.card.evaluation.accuracy, 0.75);
      for (const [picture, size] of [['curves', 10], ['confusion', 20], ['reliability', 30]] as const) {
        const answer = await fetch(`${api.url}${model.pictures[picture]}`);
        assert.equal(answer.headers.get('content-type'), 'image/svg+xml');
        assert.match(answer.headers.get('content-security-policy')!, /sandbox/);
        assert.match(await answer.text(), new RegExp(`viewBox="0 0 ${size} ${size}"`));
      }
    });

    it('that a picture is missing when the version holds none', async () => {
      const { read } = api.versions;
      api.versions.read = async (version, names) => {
        const model = await read(version, names);
        return { ...model, files: new Map([...model.files].filter(([name]) => name !== MODEL_FILES.curves)) };
      };
      api.versions.publish('angry');
      await api.models.refresh();
      const model = (await (await fetch(`${api.url}/model`)).json()) as ModelAnswer;
      assert.deepEqual(model.pictures, { curves: null, confusion: '/model/confusion.svg', reliability: '/model/reliability.svg' });
      await assertProblem(await fetch(`${api.url}/model/curves.svg`), 404, 'not-found');
    });
  });

  it('changes its model under load without a failed answer', async () => {
    const photo = await toPhoto().jpeg().toBuffer();
    const seen = new Set<number>();
    let isDone = false;
    const callers = Array.from({ length: 4 }, async () => {
      while (!isDone) {
        const answer = await fetch(`${api.url}/predict`, { method: 'POST', body: toForm(photo) });
        assert.equal(answer.status, 200);
        const { emotion, model } = (await answer.json()) as { emotion: string; model: { version: number } };
        assert.equal(emotion, model.version % 2 === 0 ? 'angry' : 'sad');
        seen.add(model.version);
      }
    });
    for (let version = 2; version <= 6; version += 1) {
      await until(() => seen.has(version - 1));
      api.versions.publish(version % 2 === 0 ? 'angry' : 'sad');
    }
    await until(() => seen.has(6) && api.loaded.every(({ isClosed }, index) => isClosed === index < 5));
    isDone = true;
    await Promise.all(callers);
    assert.deepEqual([...seen].toSorted(), [1, 2, 3, 4, 5, 6]);
  });

  describe('when something unexpected goes wrong', () => {
    it('says nothing of the inside, and logs it', async () => {
      api.models.use = () => Promise.reject(new Error('secret: connection string'));
      const answer = await fetch(`${api.url}/predict`, { method: 'POST', body: toForm('x') });
      const body = await answer.clone().text();
      await assertProblem(answer, 500, 'unexpected');
      assert.doesNotMatch(body, /secret/);
      const id = answer.headers.get('x-request-id');
      assert.ok(api.lines.some((line) => line.level === 'error' && line['id'] === id));
    });
  });

  describe('with every answer', () => {
    it('sends headers that make browsers strict, and none that name the software', async () => {
      for (const path of ['/', '/model', '/nothing']) {
        const { headers } = await fetch(`${api.url}${path}`);
        assert.match(headers.get('content-security-policy')!, /default-src 'none'/);
        assert.doesNotMatch(headers.get('content-security-policy')!, /unsafe/);
        assert.equal(headers.get('x-content-type-options'), 'nosniff');
        assert.equal(headers.get('x-frame-options'), 'DENY');
        assert.equal(headers.get('referrer-policy'), 'no-referrer');
        assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
        assert.equal(headers.get('x-permitted-cross-domain-policies'), 'none');
        assert.equal(headers.get('x-powered-by'), null);
        assert.equal(headers.get('server'), null);
        assert.equal(headers.get('access-control-allow-origin'), null);
      }
    });

    it('sends the request id: the caller\'s when it is a sane one, otherwise a new one', async () => {
      const given = await fetch(`${api.url}/healthz`, { headers: { 'x-request-id': 'venue-7:42' } });
      assert.equal(given.headers.get('x-request-id'), 'venue-7:42');
      for (const bad of ['', 'a b', 'x'.repeat(200), '{"level":"fatal"}']) {
        const made = await fetch(`${api.url}/healthz`, { headers: { 'x-request-id': bad } });
        assert.match(made.headers.get('x-request-id')!, /^[0-9a-f-]{36}$/);
      }
    });
  });

  it('writes one line about each request, and probes only for those who look closely', async () => {
    await predict();
    await (await fetch(`${api.url}/secret-path-of-a-caller?token=1`)).arrayBuffer();
    await (await fetch(`${api.url}/healthz`)).arrayBuffer();
    await delay(20);
    const lines = api.lines.filter(({ msg }) => msg === 'request');
    assert.deepEqual(lines.map(({ level, route, status }) => [level, route, status]), [
      ['info', '/predict', 200],
      ['info', 'none', 404],
      ['debug', '/healthz', 200],
    ]);
    assert.doesNotMatch(JSON.stringify(lines), /secret|token/);
  });

  it('counts requests, predictions and the model for Prometheus', async () => {
    await predict();
    await (await fetch(`${api.url}/invented/by/a/caller`)).arrayBuffer();
    await delay(20);
    const answer = await fetch(`${api.url}/metrics`);
    assert.match(answer.headers.get('content-type')!, /^text\/plain/);
    const metrics = await answer.text();
    assert.match(metrics, /^barometer_http_request_seconds_count\{method="POST",route="\/predict",status="200"\} 1$/m);
    assert.match(metrics, /^barometer_http_request_seconds_count\{method="GET",route="none",status="404"\} 1$/m);
    assert.match(metrics, /^barometer_predictions_total\{emotion="sad"\} 1$/m);
    assert.match(metrics, /^barometer_prediction_stage_seconds_count\{stage="decode"\} 1$/m);
    assert.match(metrics, /^barometer_prediction_stage_seconds_count\{stage="inference"\} 1$/m);
    assert.match(metrics, /^barometer_model_info\{model="emotions-cnn",version="1",git_sha="1a2b[0-9a-f]+"\} 1$/m);
    assert.match(metrics, /^barometer_http_requests_in_flight 1$/m);
    assert.doesNotMatch(metrics, /invented/);
  });
});
