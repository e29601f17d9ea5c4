/** Names and layouts of what goes into the detector's network and comes out. */
export const FACE_NETWORK = {
  /** uint8 [N, height, width, 3], red, green and blue from 0 to 255; of any height and width. */
  input: 'picture',
  /** float32 [N, anchors, 4]: how far each face lies from its anchor (face-anchors.ts). */
  offsets: 'offsets',
  /** float32 [N, anchors, 1]: 0 to 1. */
  scores: 'scores',
} as const;

/** The same of the network of landmarks. */
export const LANDMARK_NETWORK = {
  /** uint8 [N, 112, 112, 3], red, green and blue from 0 to 255: a face from the brow to the chin. */
  input: 'face',
  /** float32 [N, 136]: x and y of 68 points, of the picture's side. */
  points: 'points',
  side: 112,
} as const;
