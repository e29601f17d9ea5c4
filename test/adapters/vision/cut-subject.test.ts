import assert from 'node:assert/strict';
import sharp from 'sharp';
import { loadFaceDetector } from '../../../adapters/onnx/face-detector.ts';
import { cutFaces } from '../../../adapters/vision/cut-faces.ts';
import { cutSubject } from '../../../adapters/vision/cut-subject.ts';
import { toGreyPixels } from '../../../adapters/vision/decode.ts';
import type { FaceDetector } from '../../../domain/face.ts';
import { fakeLandmarks } from '../../support/landmarks.ts';
import { drawScene, readScenes } from '../../support/scenes.ts';

const LIMITS = { maxBytes: 20_000_000, maxPixels: 50_000_000 };
const SIZE = { width: 900, height: 500 };
const FRONT = { left: 350, top: 100, side: 280 };

describe('cutting out whom a labelled photo is about', () => {
  let detector: FaceDetector;

  before(async () => {
    detector = await loadFaceDetector();
  });

  after(() => detector.close());

  it('cuts exactly what is cut out of the photo when it is asked about', async () => {
    const photo = await drawScene(SIZE, [FRONT]);
    const { faces } = await cutFaces(photo, LIMITS, { detector, landmarks: fakeLandmarks() }, 'never');
    assert.equal(faces.length, 1);
    assert.deepEqual(await cutSubject(photo, LIMITS, detector), { pixels: faces[0]!.pixels });
  });

  it('takes the one in front, and refuses two side by side and an empty room', async () => {
    const alone = await cutSubject(await drawScene(SIZE, [FRONT]), LIMITS, detector);
    const withOther = await cutSubject(await drawScene(SIZE, [FRONT, { left: 40, top: 60, side: 120 }]), LIMITS, detector);
    assert.deepEqual(withOther, alone);
    const couple = await drawScene(SIZE, [{ left: 40, top: 80, side: 180 }, { left: 350, top: 200, side: 200 }]);
    assert.deepEqual(await cutSubject(couple, LIMITS, detector), { refusal: 'several-faces' });
    assert.deepEqual(await cutSubject(await drawScene(SIZE, []), LIMITS, detector), { refusal: 'no-face' });
  });

  it('leaves a face that is cut out already as it is, also one in which nothing is found', async () => {
    const plain = await sharp({ create: { width: 48, height: 48, channels: 3, background: '#806040' } }).png().toBuffer();
    const { pixels } = await toGreyPixels(plain, LIMITS);
    assert.deepEqual(await cutSubject(plain, LIMITS, detector), { pixels });
  });

  it('refuses files as they are refused when they are taken whole', async () => {
    await assert.rejects(cutSubject(Buffer.from('Dear all, this is no image.'), LIMITS, detector), { kind: 'image-unsupported' });
  });

  it('takes the face out of every photograph of one, and refuses most of groups', async function () {
    const scenes = readScenes();
    if (scenes === null) return this.skip();
    const refused: boolean[] = [];
    for (const { file, faces, bytes } of scenes) {
      const cut = await cutSubject(bytes, LIMITS, detector);
      if (faces === 1) assert.ok('pixels' in cut, file);
      else refused.push('refusal' in cut && cut.refusal === 'several-faces');
    }
    assert.ok(refused.filter(Boolean).length >= 0.8 * refused.length, `${refused.filter(Boolean).length} of ${refused.length} groups refused`);
  });
});
