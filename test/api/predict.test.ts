import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import sharp from 'sharp';
import type { PredictionAnswer } from '../../api/answers.ts';
import type { Problem, ProblemKind } from '../../api/problem.ts';
import { GIT_SHA } from '../support/models.ts';
import type { TestApi } from '../support/api.ts';
import { areInFlight, IMAGE_LIMITS, startTestApi, toForm } from '../support/api.ts';
import { toNoise, toPhoto, toPngBomb } from '../support/images.ts';
import { until } from '../support/until.ts';

type Body = NonNullable<RequestInit['body']>;

describe('POST /predict', () => {
  let api: TestApi;

  before(async () => {
    api = await startTestApi({ answer: 'angry' });
  });

  after(() => api.close());

  function post(body?: Body | Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${api.url}/predict`, { method: 'POST', headers, ...(body !== undefined && { body: body as Body }) });
  }

  async function predict(body: Body | Uint8Array, headers?: Record<string, string>): Promise<PredictionAnswer> {
    const answer = await post(body, headers);
    assert.equal(answer.status, 200);
    return (await answer.json()) as PredictionAnswer;
  }

  async function assertProblem(answer: Response, status: number, kind: ProblemKind): Promise<Problem> {
    assert.equal(answer.status, status);
    assert.equal(answer.headers.get('content-type')?.split(';')[0], 'application/problem+json');
    const problem = (await answer.json()) as Problem;
    assert.equal(problem.kind, kind);
    assert.equal(problem.type, `urn:barometer:problem:${kind}`);
    assert.equal(problem.status, status);
    assert.equal(problem.requestId, answer.headers.get('x-request-id'));
    assert.ok(problem.detail.length > 10);
    return problem;
  }

  /** A request written by hand, for bodies that no well-behaved client sends. */
  function open(headers: Record<string, string>): ClientRequest {
    const sent = request(`${api.url}/predict`, { method: 'POST', headers });
    sent.on('error', () => undefined);
    return sent;
  }

  async function toAnswer(sent: ClientRequest): Promise<Response> {
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return new Response(await text(answer), { status: answer.statusCode!, headers: answer.headers as Record<string, string> });
  }

  describe('answers', () => {
    it('with the emotion, all probabilities, the size and who says so', async () => {
      assert.deepEqual(await predict(toForm(await toPhoto().jpeg().toBuffer())), {
        emotion: 'angry',
        confidence: 0.7,
        probabilities: { happy: 0.1, sad: 0.1, angry: 0.7, fearful: 0.1 },
        source: 'whole-image',
        faces: [],
        leftOut: 0,
        counts: { happy: 0, sad: 0, angry: 0, fearful: 0 },
        uncertainFaces: 0,
        image: { width: 120, height: 80 },
        model: { name: 'emotions-cnn', version: 1, gitSha: GIT_SHA, accuracy: 0.75 },
      });
    });

    for (const type of ['image/png', 'image/jpeg', 'application/octet-stream', '']) {
      it(`to a raw body of ${type || 'no'} type, whatever the bytes really are`, async () => {
        const png = new Blob([await toPhoto().png().toBuffer()], { type });
        assert.equal((await predict(png)).emotion, 'angry');
      });
    }

    it('to a raw body in chunks', async () => {
      const png = await toNoise(100).png().toBuffer();
      const sent = open({ 'content-type': 'image/png', 'transfer-encoding': 'chunked' });
      sent.write(png.subarray(0, 999));
      sent.end(png.subarray(999));
      const answer = (await (await toAnswer(sent)).json()) as PredictionAnswer;
      assert.deepEqual(answer.image, { width: 100, height: 100 });
    });

    it('to a form with text fields beside the image', async () => {
      const form = toForm(await toPhoto().webp().toBuffer());
      form.append('title', 'The Sun at night');
      assert.equal((await predict(form)).emotion, 'angry');
    });

    it('to every kind of image', async () => {
      for (const make of [toPhoto().jpeg(), toPhoto().png(), toPhoto().webp(), toPhoto().gif(), toPhoto().avif()]) {
        assert.equal((await predict(toForm(await make.toBuffer()))).emotion, 'angry');
      }
    });

    it('with the size as a person sees it', async () => {
      const turned = await toPhoto().withMetadata({ orientation: 6 }).jpeg().toBuffer();
      assert.deepEqual((await predict(toForm(turned))).image, { width: 80, height: 120 });
    });

    it('to an image of one pixel and to one of exactly the allowed size', async () => {
      const pixel = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } }).png().toBuffer();
      assert.deepEqual((await predict(pixel)).image, { width: 1, height: 1 });
      assert.deepEqual((await predict(toPngBomb(2_500, 4_000))).image, { width: 2_500, height: 4_000 });
    });

    it('to many at once', async () => {
      const photo = await toPhoto().jpeg().toBuffer();
      const answers = await Promise.all(Array.from({ length: 50 }, () => predict(toForm(photo))));
      assert.equal(answers.length, 50);
    });
  });

  describe('turns away', () => {
    it('an image file that is empty', async () => {
      await assertProblem(await post(toForm('')), 400, 'image-unreadable');
    });

    it('a request without a body', async () => {
      await assertProblem(await post(), 400, 'input-invalid');
    });

    it('a chunked body in which nothing comes', async () => {
      const sent = open({ 'content-type': 'image/png', 'transfer-encoding': 'chunked' });
      sent.end();
      await assertProblem(await toAnswer(sent), 400, 'image-unreadable');
    });

    it('a form without a file', async () => {
      const form = new FormData();
      form.append('image', 'not a file');
      await assertProblem(await post(form), 400, 'input-invalid');
    });

    it('a form with two files, in one field or in two', async () => {
      const photo = await toPhoto().jpeg().toBuffer();
      await assertProblem(await post(toForm(photo, photo)), 400, 'input-invalid');
      const form = new FormData();
      for (const name of ['a.jpg', 'b.jpg']) form.append('image', new Blob([photo]), name);
      await assertProblem(await post(form), 400, 'input-invalid');
    });

    it('a form of too many fields, or with a field that is too long', async () => {
      const form = toForm(await toPhoto().jpeg().toBuffer());
      for (let count = 0; count < 50; count += 1) form.append(`field${count}`, 'x');
      await assertProblem(await post(form), 400, 'input-invalid');
      const long = new FormData();
      long.append('note', 'x'.repeat(10_000));
      await assertProblem(await post(long), 400, 'input-invalid');
    });

    it('text, SVG and PDF that call themselves images', async () => {
      for (const content of ['Hello.', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', '%PDF-1.7']) {
        await assertProblem(await post(toForm(content)), 415, 'image-unsupported');
        await assertProblem(await post(Buffer.from(content), { 'content-type': 'image/jpeg' }), 415, 'image-unsupported');
      }
    });

    it('a JPEG or a PNG that is cut short', async () => {
      for (const make of [toNoise(200).jpeg(), toNoise(200).png()]) {
        const bytes = await make.toBuffer();
        await assertProblem(await post(toForm(bytes.subarray(0, bytes.length / 2))), 400, 'image-unreadable');
      }
    });

    it('bodies of other types, and compressed ones', async () => {
      const photo = await toPhoto().jpeg().toBuffer();
      for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
        await assertProblem(await post(photo, { 'content-type': type }), 415, 'image-unsupported');
      }
      const headers = { 'content-type': 'image/jpeg', 'content-encoding': 'gzip' };
      await assertProblem(await post(photo, headers), 415, 'image-unsupported');
    });

    it('more pixels than allowed, without using memory for them', async () => {
      const bomb = toPngBomb(30_000, 30_000);
      assert.ok(bomb.length < 120_000);
      await assertProblem(await post(bomb), 413, 'image-too-large');
      const before = process.memoryUsage.rss();
      for (let count = 0; count < 10; count += 1) await assertProblem(await post(bomb), 413, 'image-too-large');
      assert.ok(process.memoryUsage.rss() - before < 50 * 1024 * 1024);
    });

    it('multipart that is malformed', async () => {
      const headers = { 'content-type': 'multipart/form-data; boundary=x' };
      const part = '--x\r\ncontent-disposition: form-data; name="a"; filename="a.png"\r\n\r\n';
      const bodies = ['', 'nothing like it', '--x\r\n', `${part}PNG`, `--x\r\nno header at all\r\n\r\n--x--`];
      for (const body of bodies.slice(1)) await assertProblem(await post(Buffer.from(body), headers), 400, 'input-invalid');
      const withoutBoundary = { 'content-type': 'multipart/form-data' };
      await assertProblem(await post(Buffer.from('--x--'), withoutBoundary), 400, 'input-invalid');
    });

    it('a file in a form that is one byte too long', async () => {
      await assertProblem(await post(toForm(Buffer.alloc(IMAGE_LIMITS.maxBytes + 1))), 413, 'image-too-large');
    });

    it('more images at a time than it has memory for, and takes the next when some are done', async () => {
      const waiting = Array.from({ length: 64 }, () => {
        const sent = open({ 'content-type': 'image/png', 'content-length': '100' });
        sent.write('x');
        return sent;
      });
      await until(() => areInFlight(api.url, 65));
      const answer = await post(toForm('x'));
      assert.ok(Number(answer.headers.get('retry-after')) > 0);
      await assertProblem(answer, 503, 'overloaded');
      for (const sent of waiting) sent.destroy();
      await until(() => areInFlight(api.url, 1));
      await assertProblem(await post(toForm('x')), 415, 'image-unsupported');
    });

    it('a file that announces too many bytes, before reading them', async () => {
      const sent = open({ 'content-type': 'image/png', 'content-length': String(IMAGE_LIMITS.maxBytes + 1) });
      sent.flushHeaders();
      await assertProblem(await toAnswer(sent), 413, 'image-too-large');
      sent.destroy();
    });

    for (const type of ['image/png', 'multipart/form-data; boundary=x']) {
      it(`a body without end of type ${type}, and stops reading it`, async () => {
        const sent = open({ 'content-type': type, 'transfer-encoding': 'chunked' });
        if (type.startsWith('multipart')) {
          sent.write('--x\r\ncontent-disposition: form-data; name="a"; filename="a.png"\r\n\r\n');
        }
        const answered = toAnswer(sent);
        const cut = new Promise((resolve) => sent.once('close', resolve));
        const chunk = Buffer.alloc(64 * 1024);
        const feeding = setInterval(() => sent.write(chunk), 1);
        try {
          await assertProblem(await answered, 413, 'image-too-large');
          await cut;
        } finally {
          clearInterval(feeding);
        }
      });
    }

    it('a body that is too large even before it is sent, when asked first', async () => {
      const sent = open({ 'content-type': 'image/png', 'content-length': '99999999', expect: '100-continue' });
      let isContinued = false;
      sent.on('continue', () => {
        isContinued = true;
      });
      sent.flushHeaders();
      await assertProblem(await toAnswer(sent), 413, 'image-too-large');
      assert.equal(isContinued, false);
      sent.destroy();
    });

    it('nobody who asks first with a good image', async () => {
      const photo = await toPhoto().jpeg().toBuffer();
      const sent = open({ 'content-type': 'image/jpeg', 'content-length': String(photo.length), expect: '100-continue' });
      sent.on('continue', () => sent.end(photo));
      sent.flushHeaders();
      assert.equal((await toAnswer(sent)).status, 200);
    });
  });

  it('survives callers who leave in the middle, and logs that they did', async () => {
    for (const type of ['image/png', 'multipart/form-data; boundary=x']) {
      const sent = open({ 'content-type': type, 'content-length': '5000', 'x-request-id': `left-${type.slice(0, 5)}` });
      sent.write('--x\r\n');
      await until(() => areInFlight(api.url, 2));
      sent.destroy();
      await until(() => api.lines.some((line) => line['id'] === `left-${type.slice(0, 5)}` && line['status'] === 499));
    }
    assert.equal((await predict(await toPhoto().png().toBuffer())).emotion, 'angry');
  });

  it('logs nothing of an image: no content, no name, no answer', async () => {
    const form = new FormData();
    form.append('guest', new Blob([await toPhoto().png().toBuffer()]), 'jane-doe-at-the-bar.png');
    const answer = await post(form, { 'x-request-id': 'private' });
    await answer.arrayBuffer();
    await until(() => api.lines.some(({ id }) => id === 'private'));
    const line = api.lines.find(({ id }) => id === 'private')!;
    const { level, name, msg, time: _time, ms, bytes, requestBytes, ...rest } = line;
    assert.deepEqual({ level, name, msg }, { level: 'info', name: 'api', msg: 'request' });
    assert.deepEqual(rest, { id: 'private', method: 'POST', route: '/predict', status: 200, modelVersion: 1 });
    for (const number of [ms, bytes, requestBytes]) assert.equal(typeof number, 'number');
  });
});

describe('POST /predict without a model', () => {
  it('says so, and when to come back', async () => {
    const api = await startTestApi({ answer: null });
    try {
      const answer = await fetch(`${api.url}/predict`, { method: 'POST', body: toForm(await toPhoto().png().toBuffer()) });
      assert.equal(answer.status, 503);
      assert.ok(Number(answer.headers.get('retry-after')) > 0);
      assert.equal(((await answer.json()) as Problem).kind, 'model-unavailable');

      api.versions.publish('sad');
      await api.models.refresh();
      const later = await fetch(`${api.url}/predict`, { method: 'POST', body: toForm(await toPhoto().png().toBuffer()) });
      assert.equal(((await later.json()) as PredictionAnswer).emotion, 'sad');
    } finally {
      await api.close();
    }
  });
});
