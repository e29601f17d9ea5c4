import assert from 'node:assert/strict';
import { join } from 'node:path';
import sharp from 'sharp';
import { openLandmarkFinder } from '../../../adapters/onnx/landmark-finder.ts';
import type { Inference } from '../../../adapters/onnx/start-inference.ts';
import { startInference } from '../../../adapters/onnx/start-inference.ts';
import { isFailure } from '../../../domain/failure.ts';
import type { LandmarkFinder, Landmarks } from '../../../domain/landmarks.ts';
import { toTurn } from '../../../domain/landmarks.ts';
import { drawScene } from '../../support/scenes.ts';
import { findTestData } from '../../support/test-data.ts';

/** A drawn face, framed as faces are that are cut out. */
async function drawFace({ mirrored = false } = {}): Promise<Uint8Array> {
  const scene = sharp(await drawScene({ width: 112, height: 112 }, [{ left: 0, top: 0, side: 112 }]));
  return scene.flop(mirrored).removeAlpha().raw().toBuffer();
}

const toPoint = (landmarks: Landmarks, point: number): readonly [x: number, y: number] => [landmarks[2 * point]!, landmarks[2 * point + 1]!];

describe('the finder of landmarks', () => {
  let inference: Inference;
  let landmarks: LandmarkFinder;

  before(async () => {
    inference = startInference();
    landmarks = await openLandmarkFinder(inference);
  });

  after(() => inference.close());

  it('finds 68 points, where eyes, nose, mouth and edge of a face are in a picture of it', async () => {
    const [found] = await landmarks.find([await drawFace()]);
    assert.equal(found!.length, 136);
    const [leftEye, rightEye, nose, mouth, chin] = [36, 45, 30, 57, 8].map((point) => toPoint(found!, point)) as [[number, number], [number, number], [number, number], [number, number], [number, number]];
    assert.ok(leftEye[0] < nose[0] && nose[0] < rightEye[0], 'the nose is between the eyes');
    assert.ok(Math.max(leftEye[1], rightEye[1]) < nose[1] && nose[1] < mouth[1] && mouth[1] < chin[1], 'below them, above the mouth, which is above the chin');
    assert.ok(toPoint(found!, 0)[0] < leftEye[0] && rightEye[0] < toPoint(found!, 16)[0], 'the edge is outside of the eyes');
  });

  it('sees a mirrored face turned to the other side', async () => {
    const [face, mirrored] = await landmarks.find([await drawFace(), await drawFace({ mirrored: true })]);
    assert.ok(Math.abs(toTurn(face!) + toTurn(mirrored!)) < 0.2, `${toTurn(face!)} and ${toTurn(mirrored!)}`);
  });

  it('sees who looks ahead, and profiles as turned nearly all the way, to either side', async function () {
    const folder = findTestData('fer800');
    if (folder === null) {
      console.log('      There are no photographs here; BAROMETER_TEST_DATA names the folder that holds fer800/.');
      return this.skip();
    }
    const toTurns = async (...files: string[]) => {
      const faces = files.flatMap((file) => [false, true].map((mirrored) => sharp(join(folder, file)).flop(mirrored).resize(112, 112).toColourspace('srgb').raw().toBuffer()));
      return (await landmarks.find(await Promise.all(faces))).map(toTurn);
    };
    for (const turn of await toTurns('happy/happy_im2767.png', 'happy/happy_im2932.png', 'happy/happy_im404.png')) assert.ok(Math.abs(turn) < 0.15, String(turn));
    const profiles = await toTurns('angry/angry_im2581.png', 'fearful/fearful_im2973.png', 'fearful/fearful_im2776.png');
    const signs = [1, -1, -1, 1, -1, 1];
    for (const [index, turn] of profiles.entries()) assert.ok(turn * signs[index]! > 0.7, profiles.join(', '));
  });

  it('answers many, more than are asked about in one go, each its own', async () => {
    const [face, mirrored] = [await drawFace(), await drawFace({ mirrored: true })];
    const [one, other] = [...(await landmarks.find([face])), ...(await landmarks.find([mirrored]))];
    const faces = Array.from({ length: 19 }, (_, index) => (index % 3 === 0 ? mirrored : face));
    assert.deepEqual(await landmarks.find(faces), faces.map((picture) => (picture === face ? one : other)));
    assert.notDeepEqual(one, other);
    assert.deepEqual(await landmarks.find([]), []);
  });

  it('does not take pictures of another size, and goes on', async () => {
    await assert.rejects(landmarks.find([new Uint8Array(48 * 48)]), RangeError);
    assert.equal((await landmarks.find([await drawFace()])).length, 1);
  });

  it('takes nothing more once its thread is closed', async () => {
    const other = startInference();
    const closing = await openLandmarkFinder(other);
    await other.close();
    await assert.rejects(closing.find([await drawFace()]), (error) => isFailure(error, 'model-unavailable'));
  });
});
