import assert from 'node:assert/strict';
import type { InferenceAnswer } from '../../api/inference/messages.ts';
import { inferenceAnswerSchema } from '../../api/inference/messages.ts';
import type { Problem } from '../../api/problem.ts';
import type { TestApi } from '../support/api.ts';
import { startTestApi } from '../support/api.ts';
import { toNoise, toPhoto } from '../support/images.ts';

const FACE_PIXELS = 48 * 48;
const FACES = '/v2/models/emotions-cnn/infer';
const SCENES = '/v2/models/emotions-scene/infer';
const JSON_LENGTH = 'Inference-Header-Content-Length';

describe('the Open Inference Protocol', () => {
  let api: TestApi;

  before(async () => {
    api = await startTestApi({ answer: 'sad' });
  });

  after(() => api.close());

  function post(path: string, body: unknown): Promise<Response> {
    return fetch(`${api.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  }

  /** JSON with binary data after it. */
  function postBinary(path: string, json: object, data: Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
    const head = Buffer.from(JSON.stringify(json));
    return fetch(`${api.url}${path}`, { method: 'POST', headers: { [JSON_LENGTH]: String(head.byteLength), ...headers }, body: Buffer.concat([head, data]) });
  }

  async function infer(path: string, body: unknown): Promise<InferenceAnswer> {
    const answer = await post(path, body);
    assert.equal(answer.status, 200, await answer.clone().text());
    return inferenceAnswerSchema.parse(await answer.json());
  }

  async function assertRefused(answer: Response, status: number, detail: RegExp): Promise<void> {
    assert.equal(answer.status, status);
    const problem = (await answer.json()) as Problem;
    assert.match(problem.detail, detail);
    // Where clients of the protocol look.
    assert.equal(problem.error, problem.detail);
  }

  function toFaces(count: number, data: unknown = Array<number>(count * FACE_PIXELS).fill(7)) {
    return { name: 'pixels', shape: [count, 48, 48, 1], datatype: 'UINT8', data };
  }

  it('tells what the server and its models are', async () => {
    const get = async (path: string): Promise<unknown> => (await fetch(`${api.url}${path}`)).json();
    assert.deepEqual(await get('/v2'), { name: 'barometer', version: '1', extensions: ['binary_tensor_data'] });
    assert.deepEqual(await get('/v2/health/live'), { live: true });
    assert.deepEqual(await get('/v2/health/ready'), { ready: true });
    assert.deepEqual(await get('/v2/models/emotions-cnn'), {
      name: 'emotions-cnn',
      versions: ['1'],
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [-1, 48, 48, 1] }],
      outputs: [
        { name: 'probabilities', datatype: 'FP32', shape: [-1, 4], parameters: { labels: 'happy,sad,angry,fearful' } },
        { name: 'emotion', datatype: 'BYTES', shape: [-1] },
      ],
    });
    for (const path of ['', '/versions/1']) assert.deepEqual(await get(`/v2/models/emotions-scene${path}/ready`), { name: 'emotions-scene', ready: true });
  });

  it('knows no other models and no other versions', async () => {
    for (const path of ['/v2/models/another', '/v2/models/another/ready', '/v2/models/emotions-cnn/versions/2', '/v2/models/emotions-cnn/versions/2/ready']) {
      await assertRefused(await fetch(`${api.url}${path}`), 404, /emotions-scene|Only version 1/);
    }
    await assertRefused(await post('/v2/models/emotions-cnn/versions/2/infer', { inputs: [toFaces(1)] }), 404, /Only version 1/);
  });

  it('classifies faces that are cut out already, in rows or flat', async () => {
    const rows = Array.from({ length: 2 }, () => Array.from({ length: 48 }, () => Array.from({ length: 48 }, () => [200])));
    for (const data of [undefined, rows]) {
      const { outputs, ...rest } = await infer(FACES, { id: 'mine', inputs: [toFaces(2, data)] });
      assert.deepEqual(rest, { model_name: 'emotions-cnn', model_version: '1', id: 'mine' });
      const [probabilities, emotion] = outputs;
      assert.deepEqual(emotion, { name: 'emotion', shape: [2], datatype: 'BYTES', data: ['sad', 'sad'] });
      assert.deepEqual([probabilities!.shape, probabilities!.datatype], [[2, 4], 'FP32']);
      assert.deepEqual(probabilities!.data!.map((value) => Math.round(Number(value) * 10)), [1, 7, 1, 1, 1, 7, 1, 1]);
    }
  });

  it('answers image files as /predict does', async () => {
    const images = await Promise.all([30, 40].map((side) => toNoise(side).png().toBuffer()));
    const input = { name: 'image', shape: [2], datatype: 'BYTES', data: images.map((image) => image.toString('base64')) };
    const { outputs } = await infer(SCENES, { inputs: [input], outputs: [{ name: 'prediction' }, { name: 'emotion' }] });
    assert.deepEqual(outputs.map(({ name }) => name), ['prediction', 'emotion']);
    const scenes = outputs[0]!.data!.map((text) => JSON.parse(String(text)) as { image: { width: number }; source: string });
    assert.deepEqual(scenes.map(({ image, source }) => [image.width, source]), [[30, 'whole-image'], [40, 'whole-image']]);
    const without = await infer(SCENES, { parameters: { faces: 'always' }, inputs: [input] });
    assert.deepEqual(without.outputs.map(({ data }) => data!.slice(0, 2)).slice(0, 2), [['', ''], [0, 0]]);
  });

  it('takes and gives tensors as bytes after the JSON', async () => {
    const photo = await toPhoto().jpeg().toBuffer();
    const element = Buffer.concat([Buffer.alloc(4), photo]);
    element.writeUInt32LE(photo.byteLength);
    const answer = await postBinary(
      SCENES,
      { inputs: [{ name: 'image', shape: [1], datatype: 'BYTES', parameters: { binary_data_size: element.byteLength } }], outputs: [{ name: 'probabilities', parameters: { binary_data: true } }, { name: 'emotion' }, { name: 'prediction', parameters: { binary_data: true } }] },
      element,
    );
    assert.equal(answer.status, 200, await answer.clone().text());
    assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
    const body = Buffer.from(await answer.arrayBuffer());
    const jsonBytes = Number(answer.headers.get(JSON_LENGTH));
    const { outputs } = inferenceAnswerSchema.parse(JSON.parse(body.subarray(0, jsonBytes).toString()));
    assert.deepEqual(outputs.map(({ name, data, parameters }) => [name, data, parameters !== undefined]), [['probabilities', undefined, true], ['emotion', ['sad'], false], ['prediction', undefined, true]]);
    assert.deepEqual([0, 1, 2, 3].map((index) => Math.round(body.readFloatLE(jsonBytes + 4 * index) * 10)), [1, 7, 1, 1]);
    const text = body.subarray(jsonBytes + 16);
    assert.equal(text.readUInt32LE(), text.byteLength - 4);
    assert.equal((JSON.parse(text.subarray(4).toString()) as { emotion: string }).emotion, 'sad');
  });

  it('says what is wrong with a tensor', async () => {
    const face = toFaces(1);
    for (const [changes, detail] of [
      [{ name: 'image' }, /no input "image".*"pixels"/],
      [{ datatype: 'FP32' }, /is FP32.*takes UINT8/],
      [{ shape: [1, 48, 48] }, /takes \[-1, 48, 48, 1\]/],
      [{ shape: [2, 48, 48, 1] }, /needs 4608 elements; 2304/],
      [{ data: undefined }, /no data/],
      [{ data: Array(FACE_PIXELS).fill(256) }, /0 to 255/],
      [{ data: Array(FACE_PIXELS).fill('7') }, /0 to 255/],
      [toFaces(17), /1 to 16 images/],
      [toFaces(0, []), /1 to 16 images/],
    ] as const) {
      await assertRefused(await post(FACES, { inputs: [{ ...face, ...changes }] }), 400, detail);
    }
    const text = { name: 'image', shape: [1], datatype: 'BYTES', data: [7] };
    await assertRefused(await post(SCENES, { inputs: [text] }), 400, /base64/);
    const photo = (await toPhoto().jpeg().toBuffer()).toString('base64');
    await assertRefused(await post(SCENES, { inputs: [{ ...text, shape: [2], data: [photo, 'bm8='] }] }), 415, /^Image 2: /);
    await assertRefused(await post(SCENES, { parameters: { faces: 'some' }, inputs: [{ ...text, data: [photo] }] }), 400, /parameters/);
  });

  it('says what is wrong with a request', async () => {
    for (const [body, detail] of [
      [{ inputs: [] }, /Open Inference Protocol/],
      [{ inputs: [toFaces(1), toFaces(1)] }, /Open Inference Protocol/],
      [{ inputs: [toFaces(1)], outputs: [{ name: 'age' }] }, /no output "age"; there are probabilities, emotion/],
    ] as const) {
      await assertRefused(await post(FACES, body), 400, detail);
    }
    await assertRefused(await fetch(`${api.url}${FACES}`, { method: 'POST', body: '{"inputs"' }), 400, /not JSON/);
    await assertRefused(await fetch(`${api.url}${FACES}`, { method: 'POST' }), 400, /no body/);
    await assertRefused(await fetch(`${api.url}${FACES}`, { method: 'POST', headers: { 'content-encoding': 'gzip' }, body: 'x' }), 415, /gzip/);
  });

  it('says what is wrong with bytes after the JSON', async () => {
    const image = (size: number) => ({ inputs: [{ name: 'image', shape: [1], datatype: 'BYTES', parameters: { binary_data_size: size } }] });
    await assertRefused(await postBinary(SCENES, image(7), Buffer.alloc(8)), 400, /8 bytes came/);
    await assertRefused(await postBinary(SCENES, { inputs: [toFaces(1)] }, Buffer.alloc(8)), 400, /not there/);
    for (const data of [Buffer.alloc(2), Buffer.from([5, 0, 0, 0, 1])]) await assertRefused(await postBinary(SCENES, image(data.byteLength), data), 400, /middle of an element/);
    for (const length of ['-1', 'many', '99999', '1e3']) await assertRefused(await postBinary(SCENES, image(8), Buffer.alloc(8), { [JSON_LENGTH]: length }), 400, /length of the JSON/);
  });

  it('counts each image', async () => {
    const limited = await startTestApi({ access: { requestsPerMinute: 10 } });
    try {
      const send = () => fetch(`${limited.url}${FACES}`, { method: 'POST', body: JSON.stringify({ inputs: [toFaces(6)] }) });
      assert.deepEqual([(await send()).status, (await send()).status], [200, 429]);
    } finally {
      await limited.close();
    }
  });

  it('is not ready without a model, nor when it ends', async () => {
    const empty = await startTestApi({ answer: null });
    const ending = await startTestApi({ ending: AbortSignal.abort() });
    try {
      for (const path of ['/v2/health/ready', '/v2/models/emotions-cnn', '/v2/models/emotions-cnn/ready']) await assertRefused(await fetch(`${empty.url}${path}`), 503, /model/);
      await assertRefused(await fetch(`${ending.url}/v2/health/ready`), 503, /going away/);
    } finally {
      await Promise.all([empty.close(), ending.close()]);
    }
  });
});
