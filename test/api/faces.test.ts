import assert from 'node:assert/strict';
import sharp from 'sharp';
import { loadFaceSight } from '../../adapters/onnx/face-sight.ts';
import type { PredictionAnswer } from '../../api/answers.ts';
import { predictionAnswerSchema } from '../../api/answers.ts';
import type { Problem } from '../../api/problem.ts';
import type { FaceDetector } from '../../domain/face.ts';
import type { TestApi } from '../support/api.ts';
import { startTestApi, toForm } from '../support/api.ts';
import { toNoise, toPhoto } from '../support/images.ts';
import { fakeLandmarks } from '../support/landmarks.ts';
import { drawScene, readScenes } from '../support/scenes.ts';

const SIZE = { width: 900, height: 500 };
const TWO = [{ left: 40, top: 80, side: 180 }, { left: 350, top: 200, side: 200 }];

describe('the faces of POST /predict', () => {
  let sight: Awaited<ReturnType<typeof loadFaceSight>>;
  let detector: FaceDetector;
  let api: TestApi;
  let scene: Buffer;

  before(async () => {
    sight = await loadFaceSight();
    ({ detector } = sight);
    api = await startTestApi({ answer: 'angry', ...sight, imageLimits: { maxBytes: 10_000_000, maxPixels: 50_000_000 } });
    scene = await drawScene(SIZE, TWO);
  });

  after(async () => {
    await api.close();
    await sight.close();
  });

  function post(image: Uint8Array, query = ''): Promise<Response> {
    return fetch(`${api.url}/predict${query}`, { method: 'POST', body: toForm(image) });
  }

  async function predict(image: Uint8Array, query?: string): Promise<PredictionAnswer> {
    const answer = await post(image, query);
    assert.equal(answer.status, 200);
    return predictionAnswerSchema.parse(await answer.json());
  }

  it('are answered one by one from left to right, and together', async () => {
    const { faces, model: _model, ...rest } = await predict(scene);
    assert.equal(faces.length, 2);
    assert.ok(faces[0]!.box.x < faces[1]!.box.x);
    for (const { emotion, confidence, probabilities, quality } of faces) {
      assert.deepEqual({ emotion, confidence, quality }, { emotion: 'angry', confidence: 0.7, quality: [] });
      assert.deepEqual(probabilities, { happy: 0.1, sad: 0.1, angry: 0.7, fearful: 0.1 });
    }
    assert.ok(Math.abs(rest.probabilities!.angry - 0.7) < 1e-9);
    assert.deepEqual({ ...rest, confidence: 0.7, probabilities: null }, {
      emotion: 'angry', confidence: 0.7, probabilities: null, source: 'faces', leftOut: 0, counts: { happy: 0, sad: 0, angry: 2, fearful: 0 }, uncertainFaces: 0, image: SIZE,
    });
  });

  it('are uncertain where the version wants more confidence to name an expression, and so are all together', async () => {
    const strict = await startTestApi({ detector, answer: null });
    try {
      strict.versions.publish('angry', { uncertainBelow: 0.71 });
      await strict.models.refresh();
      const response = await fetch(`${strict.url}/predict`, { method: 'POST', body: toForm(scene) });
      const answer = predictionAnswerSchema.parse(await response.json());
      for (const { emotion, confidence, probabilities } of answer.faces) {
        assert.deepEqual({ emotion, confidence, probabilities }, { emotion: 'uncertain', confidence: 0.7, probabilities: { happy: 0.1, sad: 0.1, angry: 0.7, fearful: 0.1 } });
      }
      assert.deepEqual([answer.emotion, answer.counts, answer.uncertainFaces], ['uncertain', { happy: 0, sad: 0, angry: 0, fearful: 0 }, 2]);
      assert.ok(Math.abs(answer.confidence! - 0.7) < 1e-9);
      const metrics = await (await fetch(`${strict.url}/metrics`)).text();
      assert.match(metrics, /^barometer_predictions_total\{emotion="uncertain"\} 1$/m);
      assert.match(metrics, /^barometer_faces_total\{emotion="uncertain"\} 2$/m);
    } finally {
      await strict.close();
    }
  });

  it('are not looked for when nobody wants them', async () => {
    const { source, faces, counts, emotion } = await predict(scene, '?faces=never');
    assert.deepEqual({ source, faces, counts, emotion }, { source: 'whole-image', faces: [], counts: { happy: 0, sad: 0, angry: 0, fearful: 0 }, emotion: 'angry' });
  });

  it('say that they are turned, and are not looked at for it when nobody wants faces', async () => {
    const landmarks = fakeLandmarks(-0.5);
    const turned = await startTestApi({ answer: 'angry', detector, landmarks });
    try {
      const ask = async (image: Uint8Array, query: string) => predictionAnswerSchema.parse(await (await fetch(`${turned.url}/predict${query}`, { method: 'POST', body: toForm(image) })).json());
      const { faces } = await ask(scene, '');
      assert.deepEqual(faces.map(({ quality }) => quality), [['turned'], ['turned']]);
      assert.equal(landmarks.asked(), 2);
      await ask(scene, '?faces=never');
      assert.equal(landmarks.asked(), 2);
    } finally {
      await turned.close();
    }
  });

  it('give way to the whole image where there are none, with the very answer of one that was never searched', async () => {
    const photo = await toPhoto({ width: 640, height: 480 }).jpeg().toBuffer();
    const answer = await predict(photo);
    assert.equal(answer.source, 'whole-image');
    assert.deepEqual(answer, await predict(photo, '?faces=never'));
  });

  it('are an empty list, and no emotion, where there are none and nothing else is wanted', async () => {
    const { model: _model, ...answer } = await predict(await toPhoto({ width: 640, height: 480 }).jpeg().toBuffer(), '?faces=always');
    assert.deepEqual(answer, {
      emotion: null, confidence: null, probabilities: null, source: 'faces', faces: [], leftOut: 0, counts: { happy: 0, sad: 0, angry: 0, fearful: 0 }, uncertainFaces: 0, image: { width: 640, height: 480 },
    });
  });

  it('are looked for more closely when asked to', async () => {
    const { faces } = await predict(scene, '?faces=always&tiles=always');
    assert.equal(faces.length, 2);
  });

  it('can be asked for in no other way than there is', async () => {
    for (const query of ['?faces=some', '?tiles=10', '?faces=auto&faces=never', '?faces=']) {
      const answer = await post(scene, query);
      assert.equal(answer.status, 400, query);
      const { kind, detail } = (await answer.json()) as Problem;
      assert.equal(kind, 'input-invalid');
      assert.match(detail, /faces is one of auto, always, never; tiles is one of auto, always, never/);
    }
    assert.equal((await post(scene, '?venue=sun')).status, 200, 'what others add to the address is theirs');
  });

  it('lie where a person sees them, however the camera was held', async () => {
    const turned = await sharp(await sharp(scene).rotate(270).png().toBuffer()).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
    const [straight, upright] = [await predict(scene), await predict(turned)];
    assert.deepEqual(upright.image, SIZE);
    assert.equal(upright.faces.length, 2);
    for (const [index, { box }] of upright.faces.entries()) {
      for (const side of ['x', 'y', 'width', 'height'] as const) assert.ok(Math.abs(box[side] - straight.faces[index]!.box[side]) <= 6);
    }
  });

  it('are found in images of any kind, and odd shapes get an answer too', async () => {
    for (const make of [sharp(scene).jpeg(), sharp(scene).webp(), sharp(scene).gif(), sharp(scene).avif(), sharp(scene).greyscale()]) {
      const { source, faces } = await predict(await make.toBuffer());
      assert.ok(source === 'faces' && faces.length >= 1);
    }
    for (const [width, height] of [[1, 1], [20_000, 2], [2, 20_000], [7000, 7000]] as const) {
      const file = await sharp({ create: { width, height, channels: 3, background: '#234' } }).png().toBuffer();
      assert.deepEqual((await predict(file, '?tiles=always')).image, { width, height });
    }
  });

  it('of images that are damaged are none: the problem is told as ever', async () => {
    const bytes = await toNoise(300).jpeg().toBuffer();
    const answer = await post(bytes.subarray(0, bytes.length / 2));
    assert.equal(answer.status, 400);
    assert.equal(((await answer.json()) as Problem).kind, 'image-unreadable');
  });

  it('are the same for many who ask at once', async () => {
    const expected = await predict(scene);
    for (const answer of await Promise.all(Array.from({ length: 30 }, () => predict(scene)))) assert.deepEqual(answer, expected);
  });

  it('are counted, by what they show', async () => {
    const metrics = await (await fetch(`${api.url}/metrics`)).text();
    assert.match(metrics, /^barometer_faces_total\{emotion="angry"\} [1-9]\d*$/m);
  });

  it('of a real crowd are 26', async function () {
    const crowd = readScenes()?.find(({ faces }) => faces === 26);
    if (crowd === undefined) {
      console.log('      There are no photographs here; BAROMETER_TEST_DATA names the folder that holds scenes/.');
      return this.skip();
    }
    const { faces, counts } = await predict(crowd.bytes);
    assert.equal(faces.length, 26);
    assert.equal(counts.angry, 26);
  });
});
