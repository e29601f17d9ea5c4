import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isInStaffArea } from '../../domain/staff-area.ts';
import type { Point } from '../../domain/venue.ts';

const IMAGE = { width: 1000, height: 500 };

/** A face of 40 x 60 pixels about this point. */
function toFace(x: number, y: number) {
  return { x: x - 20, y: y - 30, width: 40, height: 60 };
}

function isIn(points: readonly Point[], x: number, y: number): boolean {
  return isInStaffArea(toFace(x, y), IMAGE, [{ points: [...points] }]);
}

const HALF: Point[] = [[0.5, 0], [1, 0], [1, 1], [0.5, 1]];
/** Open towards the top. */
const BAY: Point[] = [[0, 0], [0.2, 0], [0.2, 0.6], [0.8, 0.6], [0.8, 0], [1, 0], [1, 1], [0, 1]];

describe('a staff area', () => {
  it('holds the faces whose centre is in it, whatever of them reaches over its edge', () => {
    assert.equal(isIn(HALF, 505, 250), true);
    assert.equal(isIn(HALF, 495, 250), false);
  });

  it('may go round a place where guests are', () => {
    assert.deepEqual([[500, 100], [500, 400], [100, 100], [900, 100]].map(([x, y]) => isIn(BAY, x!, y!)), [false, true, true, true]);
  });

  it('holds what lies on its edge, and faces that reach out of the image beside it', () => {
    assert.equal(isIn(HALF, 500, 250), true);
    assert.equal(isIn(HALF, 1000, 500), true);
    assert.equal(isIn(HALF, 1010, 505), true);
    assert.equal(isIn(HALF, 1010, -10), true);
  });

  it('is one of several', () => {
    const areas = [{ points: HALF }, { points: [[0, 0], [0.1, 0], [0.1, 0.1]] as Point[] }];
    assert.equal(isInStaffArea(toFace(90, 10), IMAGE, areas), true);
    assert.equal(isInStaffArea(toFace(90, 90), IMAGE, areas), false);
    assert.equal(isInStaffArea(toFace(90, 90), IMAGE, []), false);
  });

  it('means the same whichever corner comes first and which way round it goes', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 500 }), fc.nat(7), (x, y, first) => {
      const turned = [...BAY.slice(first), ...BAY.slice(0, first)];
      assert.equal(isIn(turned, x, y), isIn(BAY, x, y));
      assert.equal(isIn(turned.toReversed(), x, y), isIn(BAY, x, y));
    }));
  });

  it('that is a rectangle holds exactly what lies between its sides', () => {
    const share = fc.integer({ min: 0, max: 20 }).map((twentieths) => twentieths / 20);
    fc.assert(fc.property(share, share, share, share, fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 500 }), (x1, x2, y1, y2, x, y) => {
      fc.pre(x1 < x2 && y1 < y2);
      const inside = x >= x1 * 1000 - 1e-6 && x <= x2 * 1000 + 1e-6 && y >= y1 * 500 - 1e-6 && y <= y2 * 500 + 1e-6;
      assert.equal(isIn([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], x, y), inside);
    }));
  });
});
