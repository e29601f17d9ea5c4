import assert from 'node:assert/strict';
import sharp from 'sharp';
import { loadFaceSight } from '../../../adapters/onnx/face-sight.ts';
import { cutFaces } from '../../../adapters/vision/cut-faces.ts';
import type { Tiling } from '../../../adapters/vision/find-faces.ts';
import { toFaceSquare } from '../../../domain/face.ts';
import { fakeLandmarks } from '../../support/landmarks.ts';
import type { DrawnPlace, Scene } from '../../support/scenes.ts';
import { drawScene, readScenes } from '../../support/scenes.ts';

const LIMITS = { maxBytes: 20_000_000, maxPixels: 50_000_000 };
const SIZE = { width: 900, height: 500 };
const PLACES: DrawnPlace[] = [{ left: 40, top: 80, side: 180 }, { left: 350, top: 200, side: 200 }, { left: 650, top: 60, side: 190 }];

describe('cutting faces', () => {
  let sight: Awaited<ReturnType<typeof loadFaceSight>>;

  before(async () => {
    sight = await loadFaceSight();
  });

  after(() => sight.close());

  it('gives each drawn face from left to right, with its place in whole pixels and its 48x48 pixels', async () => {
    const { faces, ...image } = await cutFaces(await drawScene(SIZE, PLACES), LIMITS, sight, 'auto');
    assert.deepEqual(image, { ...SIZE, format: 'png', leftOut: 0 });
    assert.equal(faces.length, PLACES.length);
    for (const [index, { left, top, side }] of PLACES.entries()) {
      const { box, score, pixels, flaws } = faces[index]!;
      assert.ok(Object.values(box).every(Number.isInteger));
      assert.ok(box.x > left - side / 4 && box.x + box.width < left + 1.25 * side && box.y > top - side / 4 && box.y + box.height < top + 1.25 * side);
      assert.ok(score > 0.5 && score <= 1);
      assert.equal(pixels.length, 48 * 48);
      assert.deepEqual(flaws, []);
    }
  });

  it('finds the same faces, at the same places to a person, whatever way the camera was held', async () => {
    const upright = await drawScene(SIZE, PLACES);
    const expected = await cutFaces(upright, LIMITS, sight, 'never');
    // How the file must be turned and mirrored so that its orientation turns it back.
    const turns: readonly (readonly [orientation: number, angle: number, mirrored: boolean])[] = [[2, 0, true], [3, 180, false], [4, 180, true], [5, 270, true], [6, 270, false], [7, 90, true], [8, 90, false]];
    for (const [orientation, angle, mirrored] of turns) {
      const mirror = mirrored ? await sharp(upright).flop().png().toBuffer() : upright;
      const file = await sharp(await sharp(mirror).rotate(angle).png().toBuffer()).withMetadata({ orientation }).png().toBuffer();
      const { width, height, faces } = await cutFaces(file, LIMITS, sight, 'never');
      assert.deepEqual({ width, height }, SIZE, `orientation ${orientation}`);
      assert.deepEqual(faces.map(({ box }) => box), expected.faces.map(({ box }) => box), `orientation ${orientation}`);
    }
  });

  it('says of a face that it is cut off, blurred or small', async () => {
    const cut = await sharp(await drawScene(SIZE, PLACES.slice(0, 1))).extract({ left: 100, top: 0, width: 600, height: 500 }).png().toBuffer();
    assert.deepEqual((await cutFaces(cut, LIMITS, sight, 'never')).faces.map(({ flaws }) => flaws), [['cut-off']]);
    // Drawn faces that are blurred are not seen as faces: what is looked at here is only what is said of one.
    const detect = () => Promise.resolve([{ box: { x: 40, y: 20, width: 140, height: 180 }, score: 0.9 }]);
    const seeing = { ...sight, detector: { ...sight.detector, detect } };
    const toFlaws = async (sigma: number) => (await cutFaces(await sharp(await drawScene({ width: 250, height: 220 }, [{ left: 20, top: 20, side: 180 }])).blur(sigma).png().toBuffer(), LIMITS, seeing, 'never')).faces[0]!.flaws;
    assert.deepEqual(await toFlaws(1), []);
    assert.deepEqual(await toFlaws(9), ['blurred']);
    const small = await drawScene({ width: 200, height: 150 }, [{ left: 60, top: 50, side: 22 }]);
    for (const { flaws } of (await cutFaces(small, LIMITS, sight, 'always')).faces) assert.ok(flaws.includes('small'));
  });

  it('says of a face that it is turned, to either side, as it was told how that stands', async () => {
    const scene = await drawScene(SIZE, PLACES);
    for (const [turn, flaws] of [[0.5, ['turned']], [-0.5, ['turned']], [0.1, []]] as const) {
      const { faces } = await cutFaces(scene, LIMITS, { ...sight, landmarks: fakeLandmarks(turn) }, 'never');
      assert.deepEqual(faces.map((face) => face.flaws), PLACES.map(() => flaws));
    }
  });

  it('does not ask how a face stands that is small, left out, or all that a picture shows', async () => {
    const seeing = (...heights: number[]) => {
      const detect = () => Promise.resolve(heights.map((height, index) => ({ box: { x: 4 + 90 * index, y: 4, width: height, height }, score: 0.9 })));
      return { detector: { ...sight.detector, detect }, landmarks: fakeLandmarks(0.5) };
    };
    const draw = (side: number) => sharp({ create: { width: 4 * side, height: side, channels: 3, background: '#765' } }).png().toBuffer();
    const some = seeing(23, 24, 60);
    const { faces } = await cutFaces(await draw(100), LIMITS, some, 'never', ({ x }) => x > 150);
    assert.deepEqual(faces.map(({ flaws }) => flaws.filter((flaw) => flaw !== 'blurred')), [['small'], ['turned']]);
    assert.equal(some.landmarks.asked(), 1);
    const alone = seeing(40);
    await cutFaces(await draw(64), LIMITS, alone, 'never');
    assert.equal(alone.landmarks.asked(), 0);
    await cutFaces(await draw(65), LIMITS, alone, 'never');
    assert.equal(alone.landmarks.asked(), 1);
  });

  it('gives the same each time', async () => {
    const scene = await drawScene(SIZE, PLACES);
    const answers = await Promise.all(Array.from({ length: 4 }, () => cutFaces(scene, LIMITS, sight, 'always')));
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
  });

  it('gives no faces of an image without any, of one pixel, or of a line', async () => {
    for (const [width, height] of [[640, 480], [1, 1], [2000, 1], [1, 2000]] as const) {
      const file = await sharp({ create: { width, height, channels: 3, background: '#765' } }).png().toBuffer();
      for (const tiling of ['auto', 'always'] satisfies Tiling[]) assert.deepEqual((await cutFaces(file, LIMITS, sight, tiling)).faces, []);
    }
  });

  describe('of photographs', function () {
    let scenes: Scene[];

    before(function () {
      const found = readScenes();
      if (found === null) {
        console.log('      There are no photographs here; BAROMETER_TEST_DATA names the folder that holds scenes/.');
        this.skip();
      }
      scenes = found;
    });

    for (const tiling of ['never', 'auto'] satisfies Tiling[]) {
      it(`finds at least 98 % of the faces and less than 1 % that are none, with tiles: ${tiling}`, async () => {
        let known = 0;
        let found = 0;
        let wrong = 0;
        for (const { faces, bytes } of scenes) {
          const { length } = (await cutFaces(bytes, LIMITS, sight, tiling)).faces;
          known += faces;
          found += Math.min(faces, length);
          wrong += Math.max(0, length - faces);
        }
        assert.equal(known, 182);
        assert.ok(found / known >= 0.98, `found ${found} of ${known}`);
        assert.ok(wrong / known < 0.01, `${wrong} that are none`);
      });
    }

    it('finds all 26 faces of a crowd, each at a place of its own', async () => {
      const { bytes } = scenes.find(({ faces }) => faces === 26)!;
      const { faces } = await cutFaces(bytes, LIMITS, sight, 'auto');
      assert.equal(faces.length, 26);
      const squares = faces.map(({ box }) => toFaceSquare(box));
      for (const [index, a] of squares.entries()) {
        for (const b of squares.slice(index + 1)) assert.ok(Math.hypot(a.x - b.x, a.y - b.y) > a.width / 3);
      }
    });

    it('says of those who look to the side that they are turned, as they are and mirrored, and not of those who look ahead', async () => {
      const toTurned = async (file: string, mirrored: boolean) => {
        const { bytes } = scenes.find((scene) => scene.file === file)!;
        const image = await sharp(bytes).autoOrient().flop(mirrored).jpeg({ quality: 95 }).toBuffer();
        const turned = (await cutFaces(image, LIMITS, sight, 'never')).faces.map(({ flaws }) => flaws.includes('turned'));
        return mirrored ? turned.reverse() : turned;
      };
      for (const mirrored of [false, true]) {
        assert.deepEqual(await toTurned('ge_image_neutral.jpg', mirrored), [false, true], 'a woman, and a child that looks past the camera');
        assert.deepEqual(await toTurned('ge_rawpixel-651333-unsplash.jpg', mirrored), [false, false, true, false], 'one of four looks at the others');
        assert.deepEqual(await toTurned('ul_16.jpg', mirrored), Array.from({ length: 9 }, () => false), 'nine who look into the camera');
      }
    });

    it('finds most faces of 20 pixels in Full HD frames, and says that they are small', async () => {
      const fives = scenes.filter(({ faces }) => faces === 5);
      assert.ok(fives.length >= 5);
      let found = 0;
      for (const { bytes } of fives) {
        const { faces } = await cutFaces(await putIntoFullHd(bytes, 20), LIMITS, sight, 'auto');
        assert.ok(faces.length <= 1);
        if (faces.length === 1 && Math.abs(faces[0]!.box.height - 20) < 8 && faces[0]!.flaws.includes('small')) found += 1;
      }
      assert.ok(found / fives.length >= 0.6, `${found} of ${fives.length}`);
    });

    /** The surest face of a scene, with its surroundings, so high in a frame that shows nothing else. */
    async function putIntoFullHd(bytes: Buffer, faceHeight: number): Promise<Buffer> {
      const { width, height, faces } = await cutFaces(bytes, LIMITS, sight, 'never');
      const { box } = faces.toSorted((a, b) => b.score - a.score)[0]!;
      const left = Math.max(0, box.x - box.width);
      const top = Math.max(0, box.y - box.height);
      const around = { left, top, width: Math.min(3 * box.width, width - left), height: Math.min(3 * box.height, height - top) };
      const patch = await sharp(bytes).extract(around).resize(Math.round((around.width * faceHeight) / box.height)).png().toBuffer();
      return sharp({ create: { width: 1920, height: 1080, channels: 3, background: '#444' } }).composite([{ input: patch, left: 1100, top: 700 }]).jpeg().toBuffer();
    }
  });
});
