import assert from 'node:assert/strict';
import sharp from 'sharp';
import type { Tiling } from '../../../adapters/vision/find-faces.ts';
import { findFaces, MOST_FACES } from '../../../adapters/vision/find-faces.ts';
import { withFrame } from '../../../adapters/vision/frame.ts';
import type { DetectedFace, FaceDetector, RgbPicture } from '../../../domain/face.ts';

const LIMITS = { maxBytes: 10_000_000, maxPixels: 50_000_000 };

/** A detector that sees a face of a certain score in every red square, and nothing else; it keeps the pictures that it was shown. */
function createSquareDetector({ score = 0.9, least = 6 } = {}): FaceDetector & { readonly shown: RgbPicture[] } {
  const shown: RgbPicture[] = [];
  return {
    largestSide: 512,
    shown,
    detect(picture) {
      shown.push(picture);
      return Promise.resolve(findSquares(picture, least).map((box): DetectedFace => ({ box, score })));
    },
    close: () => Promise.resolve(),
  };
}

function findSquares({ width, height, pixels }: RgbPicture, least: number): DetectedFace['box'][] {
  const isRed = (x: number, y: number): boolean => x >= 0 && y >= 0 && pixels[(y * width + x) * 3]! > 100;
  const boxes: DetectedFace['box'][] = [];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (!isRed(x, y) || isRed(x - 1, y) || isRed(x, y - 1)) continue;
      let [right, bottom] = [x, y];
      while (right < width && isRed(right, y)) right += 1;
      while (bottom < height && isRed(x, bottom)) bottom += 1;
      if (bottom - y >= least && right - x >= least) boxes.push({ x, y, width: right - x, height: bottom - y });
    }
  }
  return boxes;
}

/** The whole view of Full HD has a pixel for every four. */
const LARGEST_SHIFT = 15;

type Square = readonly [left: number, top: number, side: number];

async function find(size: { width: number; height: number }, squares: readonly Square[], detector: FaceDetector, tiling: Tiling): Promise<DetectedFace[]> {
  const red = (side: number) => ({ create: { width: side, height: side, channels: 3 as const, background: '#f00' } });
  const layers = squares.map(([left, top, side]) => ({ input: red(side), left, top }));
  const file = await sharp({ create: { ...size, channels: 3, background: '#000' } }).composite(layers).png({ compressionLevel: 1 }).toBuffer();
  return withFrame(file, LIMITS, (frame) => findFaces(frame, detector, tiling));
}

function assertAt(faces: readonly DetectedFace[], squares: readonly Square[]): void {
  assert.equal(faces.length, squares.length, JSON.stringify(faces));
  for (const [index, [left, top, side]] of squares.entries()) {
    const { x, y, width, height } = faces[index]!.box;
    for (const difference of [x - left, y - top, width - side, height - side]) assert.ok(Math.abs(difference) <= LARGEST_SHIFT, `${JSON.stringify(faces[index])} is not at ${left}, ${top}`);
  }
}

const HD = { width: 1280, height: 720 };
const FULL_HD = { width: 1920, height: 1080 };

describe('finding faces', () => {
  it('looks once at a small frame, as it is, and at a large one scaled down; and finds what is there, from left to right', async () => {
    for (const [size, shown] of [[{ width: 300, height: 200 }, [300, 200]], [HD, [512, 288]]] as const) {
      const detector = createSquareDetector();
      const squares: Square[] = [[10, 90, 80], [110, 20, 70], [200, 100, 90]];
      assertAt(await find(size, squares, detector, 'auto'), squares);
      assert.deepEqual(detector.shown.map(({ width, height }) => [width, height]), [shown]);
    }
  });

  it('looks at parts of a frame that is larger than 720p, and finds a face of 20 pixels in it', async () => {
    const squares: Square[] = [[100, 900, 20], [700, 300, 20], [1800, 200, 20]];
    const detector = createSquareDetector({ least: 16 });
    assertAt(await find(FULL_HD, squares, detector, 'auto'), squares);
    assert.equal(detector.shown.length, 29);
    assert.ok(detector.shown.every(({ width, height }) => Math.max(width, height) <= 512));
    assert.deepEqual(await find(FULL_HD, squares, createSquareDetector({ least: 16 }), 'never'), []);
  });

  it('does as it is told about parts', async () => {
    for (const [size, tiling, least, most] of [[HD, 'always', 10, 30], [FULL_HD, 'never', 1, 1]] as const) {
      const detector = createSquareDetector();
      await find(size, [], detector, tiling);
      assert.ok(detector.shown.length >= least && detector.shown.length <= most, `${detector.shown.length}`);
    }
  });

  it('looks closer at a crowd, in a small frame too', async () => {
    const crowd = Array.from({ length: 13 }, (_, index): Square => [20 + 95 * index, 100 + 30 * (index % 5), 70]);
    const detector = createSquareDetector();
    assertAt(await find(HD, crowd, detector, 'auto'), crowd);
    assert.ok(detector.shown.length > 1);
    const fewer = createSquareDetector();
    await find(HD, crowd.slice(0, 11), fewer, 'auto');
    assert.equal(fewer.shown.length, 1);
  });

  it('finds faces of every size once, wherever they lie across the parts', async () => {
    for (let start = 0; start < 8; start += 1) {
      const squares = [18, 30, 50, 70, 90, 150, 260].map((side, index): Square => [20 + 11 * start + 254 * index, (130 * start + 97 * index) % (1080 - side), side]);
      assertAt(await find(FULL_HD, squares, createSquareDetector(), 'always'), squares);
    }
  });

  it('believes an unsure one only where it is not small, and never in a part', async () => {
    const detector = createSquareDetector({ score: 0.3 });
    assert.equal((await find({ width: 400, height: 300 }, [[50, 50, 40]], detector, 'never')).length, 1);
    assert.equal((await find({ width: 400, height: 300 }, [[50, 50, 20]], detector, 'never')).length, 0);
    assert.equal((await find(FULL_HD, [[50, 50, 40]], detector, 'always')).length, 0);
    assert.equal((await find(FULL_HD, [[50, 50, 200]], detector, 'always')).length, 1);
  });

  it('is not fooled by a large thing that only a part shows as a face', async () => {
    const detector = createSquareDetector();
    const fooled: FaceDetector = { ...detector, detect: async (picture) => (picture.height === 288 ? [] : detector.detect(picture)) };
    assert.deepEqual(await find(FULL_HD, [[300, 300, 180]], fooled, 'always'), []);
    assert.equal((await find(FULL_HD, [[300, 300, 60]], fooled, 'always')).length, 1);
  });

  it('gives at most 500, those that are surest', async () => {
    let number = 0;
    const detector: FaceDetector = {
      ...createSquareDetector(),
      detect: () => Promise.resolve(Array.from({ length: 900 }, () => ({ box: { x: 5 * (number % 60), y: 5 * Math.floor(number++ / 60), width: 4, height: 4 }, score: 0.6 + (number % 900) / 3000 }))),
    };
    const faces = await find({ width: 320, height: 320 }, [], detector, 'never');
    assert.equal(faces.length, MOST_FACES);
    assert.ok(faces.every(({ score }) => score > 0.73));
  });
});
