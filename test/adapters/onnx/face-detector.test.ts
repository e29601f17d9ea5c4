import assert from 'node:assert/strict';
import sharp from 'sharp';
import { loadFaceDetector } from '../../../adapters/onnx/face-detector.ts';
import type { FaceDetector, RgbPicture } from '../../../domain/face.ts';
import { isFailure } from '../../../domain/failure.ts';
import { drawScene } from '../../support/scenes.ts';

async function toPicture(image: Uint8Array): Promise<RgbPicture> {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: data };
}

describe('the face detector', () => {
  let detector: FaceDetector;

  before(async () => {
    detector = await loadFaceDetector();
  });

  after(() => detector.close());

  it('sees each face once, where it is', async () => {
    const places = [{ left: 30, top: 60, side: 120 }, { left: 300, top: 130, side: 150 }];
    const faces = await detector.detect(await toPicture(await drawScene({ width: 512, height: 320 }, places)));
    assert.equal(faces.length, 2);
    for (const { left, top, side } of places) {
      const near = faces.filter(({ box }) => Math.abs(box.x + box.width / 2 - left - side / 2) < side / 6 && Math.abs(box.y + box.height / 2 - top - side / 2) < side / 6);
      assert.equal(near.length, 1, JSON.stringify(faces));
      assert.ok(near[0]!.box.height > 0.7 * side && near[0]!.box.height < 1.3 * side);
    }
  });

  it('sees the same in pictures of any shape, squares or not', async () => {
    const place = { left: 60, top: 40, side: 130 };
    const heights: number[] = [];
    for (const size of [{ width: 512, height: 512 }, { width: 333, height: 210 }, { width: 256, height: 511 }]) {
      const faces = await detector.detect(await toPicture(await drawScene(size, [place])));
      assert.equal(faces.length, 1, `${size.width} x ${size.height}`);
      heights.push(faces[0]!.box.height);
    }
    assert.ok(Math.max(...heights) - Math.min(...heights) < 8, heights.join(', '));
  });

  it('sees none in a plain wall, in noise, or in a single pixel', async () => {
    const noise = await sharp({ create: { width: 400, height: 300, channels: 3, background: 'grey', noise: { type: 'gaussian', mean: 128, sigma: 40 } } }).png().toBuffer();
    assert.deepEqual(await detector.detect(await toPicture(noise)), []);
    for (const side of [1, 64, 512]) {
      assert.deepEqual(await detector.detect({ width: side, height: side, pixels: new Uint8Array(side * side * 3).fill(90) }), []);
    }
  });

  it('answers many at once, each its own, the same each time and with any number of threads', async () => {
    const one = await toPicture(await drawScene({ width: 512, height: 320 }, [{ left: 30, top: 60, side: 140 }]));
    const two = await toPicture(await drawScene({ width: 480, height: 256 }, [{ left: 10, top: 20, side: 120 }, { left: 250, top: 60, side: 150 }]));
    const [expectedOne, expectedTwo] = [await detector.detect(one), await detector.detect(two)];
    const answers = await Promise.all([one, two, one, two].map((picture) => detector.detect(picture)));
    assert.deepEqual(answers, [expectedOne, expectedTwo, expectedOne, expectedTwo]);
    const single = await loadFaceDetector({ processors: 1 });
    const [face] = await single.detect(one);
    assert.ok(Math.abs(face!.score - expectedOne[0]!.score) < 1e-3);
    await single.close();
  });

  it('leaves the event loop free while it looks', async () => {
    const picture = { width: 512, height: 512, pixels: new Uint8Array(512 * 512 * 3) };
    const watch = { isOver: false, turns: 0 };
    const answer = detector.detect(picture).finally(() => {
      watch.isOver = true;
    });
    while (!watch.isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      watch.turns += 1;
    }
    await answer;
    // Asked in this thread, ONNX Runtime lets it turn once or twice.
    assert.ok(watch.turns > 20, `${watch.turns} turns`);
  });

  it('is done with what it was asked before it closes, and takes nothing more', async () => {
    const other = await loadFaceDetector();
    const picture = { width: 64, height: 64, pixels: new Uint8Array(64 * 64 * 3) };
    const asked = [other.detect(picture), other.detect(picture)];
    await other.close();
    assert.deepEqual(await Promise.all(asked), [[], []]);
    await assert.rejects(other.detect(picture), (error) => isFailure(error, 'model-unavailable'));
    await other.close();
  });

  it('does not take pictures that are too large, or whose pixels are missing', async () => {
    for (const picture of [
      { width: 513, height: 10, pixels: new Uint8Array(513 * 30) },
      { width: 10, height: 10, pixels: new Uint8Array(10) },
      { width: 0, height: 0, pixels: new Uint8Array(0) },
    ]) {
      await assert.rejects(detector.detect(picture), RangeError);
    }
    assert.deepEqual(await detector.detect({ width: 8, height: 8, pixels: new Uint8Array(192) }), [], 'and goes on');
  });
});
