import type { LandmarkFinder, Landmarks } from '../../domain/landmarks.ts';

/** The points of a face whose nose is so far from the middle of its edges, as far as they say how it stands; tilted by so many degrees, so many pixels wide. */
export function toLandmarks(turn: number, { tilt = 0, width = 60 } = {}): Landmarks {
  const points = new Float32Array(136);
  const angle = (tilt * Math.PI) / 180;
  const half = width / 2;
  const put = (point: number, x: number, y: number): void => {
    points.set([56 + x * Math.cos(angle) - y * Math.sin(angle), 56 + x * Math.sin(angle) + y * Math.cos(angle)], 2 * point);
  };
  put(2, -half, 0);
  put(14, half, 0);
  put(30, half * turn, 5);
  for (let point = 36; point < 42; point += 1) put(point, half * (turn * 0.6 - 0.4), -15);
  for (let point = 42; point < 48; point += 1) put(point, half * (turn * 0.6 + 0.4), -15);
  return points;
}

/** Says of every face that it is turned so far, and counts those that it was asked about. */
export function fakeLandmarks(turn = 0): LandmarkFinder & { readonly asked: () => number } {
  let asked = 0;
  return {
    side: 112,
    find(faces) {
      asked += faces.length;
      return Promise.resolve(faces.map(() => toLandmarks(turn)));
    },
    asked: () => asked,
  };
}
