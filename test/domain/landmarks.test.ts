import assert from 'node:assert/strict';
import { toTurn } from '../../domain/landmarks.ts';
import { toLandmarks } from '../support/landmarks.ts';

function assertNear(actual: number, expected: number, message?: string): void {
  assert.ok(Math.abs(actual - expected) < 1e-5, `${message ?? ''} ${actual} instead of ${expected}`);
}

describe('how far a face is turned', () => {
  it('is nothing for one that looks straight ahead, more the further the nose is from the middle, and has the sign of its side', () => {
    for (const turn of [-0.9, -0.4, 0, 0.1, 0.4, 0.9]) assertNear(toTurn(toLandmarks(turn)), turn);
  });

  it('is the same however the head is tilted, and however large the face is', () => {
    for (const tilt of [-60, -20, 35, 90, 180]) assertNear(toTurn(toLandmarks(0.3, { tilt })), 0.3, `${tilt} degrees`);
    for (const width of [1, 20, 100]) assertNear(toTurn(toLandmarks(-0.5, { width })), -0.5, `${width} wide`);
  });

  it('is all the way where the nose stands out over the edge, and where the edges are on the wrong sides of each other', () => {
    assert.equal(toTurn(toLandmarks(1.4)), 1);
    assert.equal(toTurn(toLandmarks(-3)), -1);
    const crossed = Float32Array.from(toLandmarks(-0.2));
    // Both edges to the right of the nose, the left one further.
    crossed[2 * 2] = 90;
    crossed[2 * 14] = 88;
    assert.equal(toTurn(crossed), -1);
  });

  it('is nothing where all points are one', () => {
    assert.equal(toTurn(new Float32Array(136)), 0);
  });
});
