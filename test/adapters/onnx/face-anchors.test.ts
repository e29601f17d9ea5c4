import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readFaces, toAnchors } from '../../../adapters/onnx/face-anchors.ts';

const require = createRequire(import.meta.url);

/** The anchors that come with the weights, for 512x512 alone: top, left, bottom and right, of the picture's side. The last of the file. */
function readGivenAnchors(): Float32Array {
  const bytes = readFileSync(require.resolve('@vladmandic/face-api/model/ssd_mobilenetv1_model.bin'));
  const count = 5118 * 4;
  return Float32Array.from({ length: count }, (_, index) => bytes.readFloatLE(bytes.length - 4 * (count - index)));
}

describe('anchors', () => {
  it('are those that the network was trained with, where it was trained', () => {
    const given = readGivenAnchors();
    const { count, boxes } = toAnchors({ width: 512, height: 512 });
    assert.equal(count, 5118);
    for (let index = 0; index < count; index += 1) {
      const [x = 0, y = 0, width = 0, height = 0] = boxes.subarray(4 * index, 4 * index + 4);
      const corners = [y - height / 2, x - width / 2, y + height / 2, x + width / 2];
      for (const [side, corner] of corners.entries()) assert.ok(Math.abs(corner - 512 * given[4 * index + side]!) < 0.1, `anchor ${index}`);
    }
  });

  it('of a picture that is no square are as many as the network has places for', () => {
    // 32x20, 16x10, 8x5, 4x3, 2x2 and 1x1 places.
    assert.equal(toAnchors({ width: 512, height: 320 }).count, 3 * 640 + 6 * (160 + 40 + 12 + 4 + 1));
  });
});

describe('reading faces', () => {
  const anchors = toAnchors({ width: 64, height: 64 });

  function toOutputs(scores: Readonly<Record<number, number>>): readonly [Float32Array, Float32Array] {
    const all = new Float32Array(anchors.count);
    for (const [index, score] of Object.entries(scores)) all[Number(index)] = score;
    return [new Float32Array(anchors.count * 4), all];
  }

  it('gives the anchor where the network moves nothing', () => {
    const [offsets, scores] = toOutputs({ 0: 0.75 });
    const [face] = readFaces(anchors, offsets, scores, 0.5);
    assert.equal(face!.score, 0.75);
    assert.ok(Math.abs(face!.box.width - 51.2) < 1e-4);
    assert.ok(Math.abs(face!.box.x + face!.box.width / 2 - 8) < 1e-4);
  });

  it('moves and scales it as the network says: down, right, taller, wider', () => {
    const [offsets, scores] = toOutputs({ 0: 1 });
    offsets.set([10, 5, 5 * Math.log(2), 5 * Math.log(3)]);
    const { box } = readFaces(anchors, offsets, scores, 0.5)[0]!;
    assert.ok(Math.abs(box.height - 102.4) < 1e-3);
    assert.ok(Math.abs(box.width - 153.6) < 1e-3);
    assert.ok(Math.abs(box.y + box.height / 2 - (8 + 51.2)) < 1e-3);
    assert.ok(Math.abs(box.x + box.width / 2 - (8 + 25.6)) < 1e-3);
  });

  it('leaves out what is not sure enough, or is no number', () => {
    assert.equal(readFaces(anchors, ...toOutputs({ 3: 0.49, 4: Number.NaN, 5: 0.5 }), 0.5).length, 1);
  });
});
