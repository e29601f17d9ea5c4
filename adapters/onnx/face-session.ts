import './no-telemetry.ts';
import { Tensor } from 'onnxruntime-node';
import type { DetectedFace, RgbPicture, Size } from '../../domain/face.ts';
import { dropDoubles, toOverlap } from '../../domain/face.ts';
import type { Anchors } from './face-anchors.ts';
import { readFaces, toAnchors } from './face-anchors.ts';
import { FACE_NETWORK } from './face-tensors.ts';
import { openSession } from './open-session.ts';

/** Sides that are a multiple of this keep the feature layers where they were in training; it also bounds how many sizes there can be. */
const SIDE_STEP = 64;

/** What is next to the picture where it had to be enlarged: mid grey. */
const PADDING = 128;

/** Measured on scenes with a known number of faces (docs/model.md): below it false alarms begin, above it faces are missed. */
const LOWEST_SCORE = 0.2;
/** Two boxes that share more of what they cover are one face. */
const LARGEST_OVERLAP = 0.5;
/** Doubles are dropped by comparing each with each: of more than these only the best. */
const MOST_CANDIDATES = 1_000;

export interface FaceSession {
  /** As the detector's own: see FaceDetector. A run keeps the thread that asks for it busy until it is over. */
  detect(picture: RgbPicture): Promise<DetectedFace[]>;
}

/**
 * Opens the face detector, as `toFaceNetwork` writes it, in a fraction of a second.
 *
 * @throws Failure `data-corrupt` when it is no network that can be run
 */
export async function openFaceSession(onnx: Uint8Array, { threads }: { readonly threads: number }): Promise<FaceSession> {
  const session = await openSession(onnx, threads);
  const anchorsBySize = new Map<string, Anchors>();

  async function run(picture: RgbPicture): Promise<DetectedFace[]> {
    const padded = pad(picture);
    const { width, height, pixels } = padded;
    const outputs = await session.run({ [FACE_NETWORK.input]: new Tensor('uint8', pixels, [1, height, width, 3]) });
    const offsets = outputs[FACE_NETWORK.offsets]!.data as Float32Array;
    const scores = outputs[FACE_NETWORK.scores]!.data as Float32Array;
    const candidates = readFaces(findAnchors(padded), offsets, scores, LOWEST_SCORE);
    const best = candidates.toSorted((a, b) => b.score - a.score).slice(0, MOST_CANDIDATES);
    return dropDoubles(best, toOverlap, LARGEST_OVERLAP);
  }

  function findAnchors(size: Size): Anchors {
    const key = `${size.width}x${size.height}`;
    const known = anchorsBySize.get(key);
    if (known !== undefined) return known;
    const anchors = toAnchors(size);
    anchorsBySize.set(key, anchors);
    return anchors;
  }

  // Nobody's request should wait for what only the first run does. On the smallest picture: memory for large ones is kept from when there are such.
  await run({ width: SIDE_STEP, height: SIDE_STEP, pixels: new Uint8Array(SIDE_STEP * SIDE_STEP * 3) });
  return { detect: run };
}

/** Enlarges the picture to the right and downwards, so that boxes keep their place. */
function pad(picture: RgbPicture): RgbPicture {
  const width = Math.ceil(picture.width / SIDE_STEP) * SIDE_STEP;
  const height = Math.ceil(picture.height / SIDE_STEP) * SIDE_STEP;
  if (width === picture.width && height === picture.height) return picture;
  const pixels = new Uint8Array(width * height * 3).fill(PADDING);
  const rowBytes = picture.width * 3;
  for (let row = 0; row < picture.height; row += 1) {
    pixels.set(picture.pixels.subarray(row * rowBytes, (row + 1) * rowBytes), row * width * 3);
  }
  return { width, height, pixels };
}
