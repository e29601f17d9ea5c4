import assert from 'node:assert/strict';
import { toFaceSquare } from '../../domain/face.ts';
import { toSubject } from '../../domain/subject.ts';

const PHOTO = { width: 800, height: 600 };

function toFace(height: number, { x = 100, score = 0.9 } = {}) {
  return { box: { x, y: 50, width: 0.8 * height, height }, score };
}

describe('the face that the label of a photo is about', () => {
  it('is the only one', () => {
    const face = toFace(120);
    assert.deepEqual(toSubject([face], PHOTO), { kind: 'face', square: toFaceSquare(face.box) });
  });

  it('is the one that stands out in front of others, whichever the detector is surest of', () => {
    const front = toFace(150, { score: 0.6 });
    const behind = [toFace(100, { x: 400 }), toFace(40, { x: 600 })];
    assert.deepEqual(toSubject([...behind, front], PHOTO), { kind: 'face', square: toFaceSquare(front.box) });
  });

  it('is not guessed where several are about as large, nor where there is none', () => {
    assert.deepEqual(toSubject([toFace(149), toFace(100, { x: 400 })], PHOTO), { kind: 'refused', reason: 'several-faces' });
    assert.deepEqual(toSubject([], PHOTO), { kind: 'refused', reason: 'no-face' });
  });

  it('is the whole of an image that is too small to be anything else, whatever was found in it', () => {
    for (const size of [{ width: 48, height: 48 }, { width: 64, height: 90 }]) {
      assert.deepEqual(toSubject([], size), { kind: 'whole-image' });
      assert.deepEqual(toSubject([toFace(20), toFace(20, { x: 20 })], size), { kind: 'whole-image' });
    }
    assert.deepEqual(toSubject([], { width: 65, height: 65 }), { kind: 'refused', reason: 'no-face' });
  });
});
