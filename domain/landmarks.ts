import type { FaceDetector } from './face.ts';

/** Where 68 points of a face are in a picture of it: x and y of each in turn, in any unit. Points 0 to 16 run along its edge, from one ear by the chin to the other; 30 is the tip of the nose. */
export type Landmarks = ArrayLike<number>;

/** Finds the points of faces that are cut out already. It knows nobody: points say how a face stands, and are forgotten with that. */
export interface LandmarkFinder {
  /** Side of the pictures, in pixels. */
  readonly side: number;
  /** Of each square picture of a face (three bytes a pixel: red, green, blue; row by row), framed as the faces are that are classified. */
  find(faces: readonly Uint8Array[]): Promise<Landmarks[]>;
}

/** What looks at images: it finds faces, and how each of them stands. */
export interface FaceSight {
  readonly detector: FaceDetector;
  readonly landmarks: LandmarkFinder;
}

/** Of the edge, next to the ears: the outermost points lie in the hair. */
const LEFT_EDGE = 2;
const RIGHT_EDGE = 14;
const NOSE_TIP = 30;

/** Corners and lids. */
const LEFT_EYE = [36, 37, 38, 39, 40, 41];
const RIGHT_EYE = [42, 43, 44, 45, 46, 47];

/**
 * How far a face is turned to the side: where its nose points to between its two edges, along the line through its eyes, however that is tilted. 0 is
 * straight ahead; at 1 and -1 the nose is on one of the edges, or stands out over it: a profile. Positive towards the picture's right.
 */
export function toTurn(landmarks: Landmarks): number {
  const [leftX, leftY] = toCentre(landmarks, LEFT_EYE);
  const [rightX, rightY] = toCentre(landmarks, RIGHT_EYE);
  const along = (point: number): number => landmarks[2 * point]! * (rightX - leftX) + landmarks[2 * point + 1]! * (rightY - leftY);
  const fromLeft = along(NOSE_TIP) - along(LEFT_EDGE);
  const fromRight = along(RIGHT_EDGE) - along(NOSE_TIP);
  const turn = (fromLeft - fromRight) / Math.max(fromLeft + fromRight, Number.EPSILON);
  return Math.min(Math.max(turn, -1), 1);
}

function toCentre(landmarks: Landmarks, points: readonly number[]): readonly [x: number, y: number] {
  const toMean = (offset: number): number => points.reduce((sum, point) => sum + landmarks[2 * point + offset]!, 0) / points.length;
  return [toMean(0), toMean(1)];
}
