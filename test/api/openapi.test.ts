import assert from 'node:assert/strict';
import { z } from 'zod';
import { createOpenApiDocument } from '../../api/openapi.ts';
import { venueSchema } from '../../domain/venue.ts';
import type { TestApi } from '../support/api.ts';
import { NO_FACES, startTestApi, toForm } from '../support/api.ts';
import { toPhoto } from '../support/images.ts';
import { fakeLandmarks } from '../support/landmarks.ts';

/** It does not end by itself. */
const STREAM = '/venues/{id}/mood/stream';

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly example?: string }[];
  readonly security?: readonly Record<string, readonly string[]>[];
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: { $ref?: string } }>; headers?: object }>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, JsonSchema>; readonly securitySchemes: Record<string, object> };
}

describe('openapi.json', () => {
  let api: TestApi;
  let document: Document;

  before(async () => {
    api = await startTestApi({ answer: 'happy' });
    document = (await (await fetch(`${api.url}/openapi.json`)).json()) as Document;
  });

  after(() => api.close());

  /** A path whose parameters have the values that the document gives as examples. */
  function toAddress(path: string): string {
    const examples = new Map(document.paths[path]!['get']!.parameters?.map(({ name, example }) => [name, example]));
    return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => examples.get(name)!);
  }

  /** Checks a real answer against what the document promises for it. */
  async function assertKept(path: string, method: 'get' | 'post', answer: Response): Promise<void> {
    const promised = document.paths[path]?.[method]?.responses[answer.status];
    assert.ok(promised, `${method} ${path} does not mention ${answer.status}`);
    for (const header of Object.keys(promised.headers ?? {})) assert.ok(answer.headers.has(header), `${header} is missing`);
    const type = answer.headers.get('content-type')!.split(';')[0]!;
    const content = promised.content?.[type];
    assert.ok(content, `${method} ${path} does not mention ${type}`);
    const body = await answer.text();
    if (content.schema.$ref === undefined) return;
    const schema = toSchema(content.schema.$ref);
    const checked = schema.safeParse(JSON.parse(body));
    assert.ok(checked.success, `${method} ${path} ${answer.status}: ${checked.error?.message}`);
  }

  /** A schema with everything that it refers to. */
  function toSchema(reference: string): z.ZodType {
    const $defs = document.components.schemas;
    const text = JSON.stringify({ $ref: reference, $defs }).replaceAll('#/components/schemas/', '#/$defs/');
    return z.fromJSONSchema(JSON.parse(text) as JsonSchema);
  }

  function predict(body?: FormData | string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${api.url}/predict`, { method: 'POST', headers, ...(body !== undefined && { body }) });
  }

  it('is the document that the code makes, in OpenAPI 3.1', () => {
    assert.match(document.openapi, /^3\.1\./);
    assert.deepEqual(document, JSON.parse(JSON.stringify(createOpenApiDocument())));
  });

  it('refers only to what it holds', () => {
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
    const names = [...references].map(([, name]) => name!);
    assert.ok(names.length > 10);
    for (const name of names) assert.ok(document.components.schemas[name], name);
  });

  it('is kept by every GET route', async () => {
    for (const path of Object.keys(document.paths).filter((path) => document.paths[path]!['get'])) {
      if (path === STREAM) continue;
      await assertKept(path, 'get', await fetch(`${api.url}${toAddress(path)}`));
    }
  });

  it('is kept by the events of a mood, and by a notice in each form', async () => {
    const ending = new AbortController();
    const venue = venueSchema.parse({ id: 'the-sun', name: 'The Sun', operator: { name: 'Sun Ltd', contact: 'privacy@sun.example' } });
    const described = await startTestApi({ ending: ending.signal, venues: { find: () => venue } });
    try {
      const stream = await fetch(`${described.url}${toAddress(STREAM)}`);
      ending.abort();
      const [, data] = /^event: mood\ndata: (.*)$/m.exec(await stream.clone().text())!;
      assert.ok(toSchema('#/components/schemas/MoodEvent').safeParse(JSON.parse(data!)).success);
      await assertKept(STREAM, 'get', stream);
      const notice = '/venues/{id}/notice';
      for (const accept of ['application/json', 'text/html', 'text/plain']) {
        const answer = await fetch(`${described.url}${toAddress(notice)}`, { headers: { accept } });
        assert.equal(answer.headers.get('content-type')?.split(';')[0], accept);
        await assertKept(notice, 'get', answer);
      }
    } finally {
      await described.close();
    }
  });

  it('is kept by POST /predict, whether it succeeds or fails', async () => {
    const photo = await toPhoto().jpeg().toBuffer();
    const tooLarge = 'x'.repeat(1_000_001);
    const answers = [
      await predict(toForm(photo)),
      await predict(),
      await predict(toForm('text')),
      await predict(tooLarge, { 'content-type': 'image/png' }),
    ];
    assert.deepEqual(answers.map(({ status }) => status), [200, 400, 415, 413]);
    for (const answer of answers) await assertKept('/predict', 'post', answer);
  });

  it('is kept by POST /predict/batch, whether it succeeds, fails or does both', async () => {
    const photo = await toPhoto().jpeg().toBuffer();
    const bodies = [toForm(photo, 'text'), toForm(), toForm(Buffer.alloc(1_000_001))];
    const answers = await Promise.all(bodies.map((body) => fetch(`${api.url}/predict/batch`, { method: 'POST', body })));
    assert.deepEqual(answers.map(({ status }) => status), [200, 400, 413]);
    for (const answer of answers) await assertKept('/predict/batch', 'post', answer);
  });

  it('is kept by inference, whether it succeeds or fails', async () => {
    const path = '/v2/models/{name}/infer';
    const image = { name: 'image', shape: [1], datatype: 'BYTES' };
    const photo = await toPhoto().jpeg().toBuffer();
    const infer = (body: string) => fetch(`${api.url}/v2/models/emotions-scene/infer`, { method: 'POST', body });
    const answers = [
      await infer(JSON.stringify({ id: 'one', inputs: [{ ...image, data: [photo.toString('base64')] }] })),
      await infer('{}'),
      await infer('x'.repeat(5_000_000)),
      await infer(JSON.stringify({ inputs: [{ ...image, data: ['aGVsbG8='] }] })),
      await fetch(`${api.url}/v2/models/another/infer`, { method: 'POST', body: '{}' }),
    ];
    assert.deepEqual(answers.map(({ status }) => status), [200, 400, 413, 415, 404]);
    for (const answer of answers) await assertKept(path, 'post', answer);
  });

  it('is kept by POST /predict with faces, and without any where they are insisted on', async () => {
    const box = { x: -4, y: 3, width: 30.4, height: 40 };
    const detector = { ...NO_FACES, detect: () => Promise.resolve([{ box, score: 0.9 }]) };
    const photo = await toPhoto().jpeg().toBuffer();
    const withFaces = await startTestApi({ detector, landmarks: fakeLandmarks(0.5) });
    try {
      const answers = [await fetch(`${withFaces.url}/predict`, { method: 'POST', body: toForm(photo) }), await fetch(`${api.url}/predict?faces=always`, { method: 'POST', body: toForm(photo) })];
      for (const answer of answers) {
        assert.equal(answer.status, 200);
        await assertKept('/predict', 'post', answer);
      }
    } finally {
      await withFaces.close();
    }
  });

  it('names what can be asked for beside the image, and what is meant when nothing is said', () => {
    const { parameters } = document.paths['/predict']!['post'] as unknown as { parameters: { name: string; in: string; schema: { enum: string[]; default: string } }[] };
    assert.deepEqual(parameters.filter(({ in: place }) => place === 'query').map(({ name, in: place, schema }) => [name, place, schema.default, schema.enum]), [
      ['faces', 'query', 'auto', ['auto', 'always', 'never']],
      ['tiles', 'query', 'auto', ['auto', 'always', 'never']],
    ]);
  });

  it('is kept without a model', async () => {
    const empty = await startTestApi({ answer: null });
    try {
      await assertKept('/predict', 'post', await fetch(`${empty.url}/predict`, { method: 'POST', body: toForm('x') }));
      for (const path of ['/model', '/readyz', '/model/curves.svg']) {
        const answer = await fetch(`${empty.url}${path}`);
        assert.equal(answer.status, 503);
        await assertKept(path, 'get', answer);
      }
    } finally {
      await empty.close();
    }
  });

  it('is kept without a key, and too often', async () => {
    const closed = await startTestApi({ access: { open: 'never' } });
    const limited = await startTestApi({ access: { requestsPerMinute: 1 } });
    try {
      const wanting = Object.entries(document.paths).flatMap(([path, operations]) => (operations['get']?.security?.length ?? 0) > 0 && path !== '/metrics' ? [path] : []);
      assert.ok(wanting.includes('/model'));
      for (const path of wanting) {
        const answer = await fetch(`${closed.url}${toAddress(path)}`);
        assert.equal(answer.status, 401, path);
        await assertKept(path, 'get', answer);
      }
      for (const path of Object.keys(document.paths)) {
        if (document.paths[path]!['get']?.security?.length === 0) assert.notEqual((await fetch(`${closed.url}${toAddress(path)}`)).status, 401, path);
      }
      await assertKept('/predict', 'post', await fetch(`${closed.url}/predict`, { method: 'POST' }));
      await fetch(`${limited.url}/model`);
      const tooOften = await fetch(`${limited.url}/predict`, { method: 'POST' });
      assert.equal(tooOften.status, 429);
      await assertKept('/predict', 'post', tooOften);
    } finally {
      await closed.close();
      await limited.close();
    }
  });

  it('names the ways to send a key that it asks for', () => {
    const asked = Object.values(document.paths).flatMap((operations) => Object.values(operations).flatMap(({ security }) => security!.flatMap((each) => Object.keys(each))));
    assert.deepEqual([...new Set(asked)].sort(), Object.keys(document.components.securitySchemes).sort());
  });

  it('would notice an answer that is not as promised', () => {
    const prediction = toSchema('#/components/schemas/Prediction');
    assert.ok(!prediction.safeParse({ emotion: 'bored' }).success);
  });
});
