import assert from 'node:assert/strict';
import { clipBox, dropDoubles, moveBox, scaleBox, toFaceSquare, toOverlap, toSharedPart } from '../../domain/face.ts';

const box = (x: number, y: number, width: number, height: number) => ({ x, y, width, height });

describe('a face', () => {
  it('is cut out as a square of 0.87 times its height about its centre', () => {
    assert.deepEqual(toFaceSquare(box(100, 200, 50, 100)), box(81.5, 206.5, 87, 87));
  });

  it('overlaps itself wholly, half of itself by half, and what is beside it not at all', () => {
    const face = box(0, 0, 10, 10);
    assert.equal(toOverlap(face, face), 1);
    assert.equal(toOverlap(face, box(0, 0, 10, 5)), 0.5);
    assert.equal(toOverlap(face, box(10, 0, 10, 10)), 0);
    assert.equal(toOverlap(face, box(40, 40, 1, 1)), 0);
  });

  it('shares the whole of a smaller one that lies inside it', () => {
    assert.equal(toSharedPart(box(0, 0, 10, 10), box(2, 2, 3, 3)), 1);
    assert.equal(toSharedPart(box(0, 0, 10, 10), box(8, 0, 4, 10)), 0.5);
  });

  it('is kept once, by its best score, and those beside it stay', () => {
    const faces = [
      { box: box(0, 0, 10, 10), score: 0.5 },
      { box: box(1, 0, 10, 10), score: 0.9 },
      { box: box(30, 0, 10, 10), score: 0.3 },
    ];
    assert.deepEqual(dropDoubles(faces, toOverlap, 0.5), [faces[1], faces[2]]);
    assert.equal(faces[0]!.score, 0.5, 'what was given stays as it was');
  });

  it('is clipped to whole pixels inside the image, and never to nothing', () => {
    const image = { width: 100, height: 50 };
    assert.deepEqual(clipBox(box(-5, -5, 20.4, 20.4), image), box(0, 0, 15, 15));
    assert.deepEqual(clipBox(box(90.6, 40, 30, 30), image), box(91, 40, 9, 10));
    assert.deepEqual(clipBox(box(99.9, 49.9, 0.01, 0.01), image), box(99, 49, 1, 1));
    assert.deepEqual(clipBox(box(300, 300, 10, 10), image), box(99, 49, 1, 1));
  });

  it('comes back to its place in the image from a scaled part of it', () => {
    assert.deepEqual(moveBox(scaleBox(box(1, 2, 3, 4), 2), { x: 10, y: 20 }), box(12, 24, 6, 8));
  });
});
