import assert from 'node:assert/strict';
import { predict } from '../../../adapters/tensorflow/predict.ts';
import { VIEWS } from '../../../adapters/tensorflow/views.ts';
import { drawFaces } from './drawn-faces.ts';
import { createTrainedWeights } from './trained-weights.ts';

const weights = createTrainedWeights();
const face = drawFaces(1)[0]!.pixels;
const mirrored = Uint8Array.from(face, (_, place) => face[place - (place % 48) + (47 - (place % 48))]!);

function assertEqual(actual: Float32Array, expected: Float32Array): void {
  for (const [index, value] of expected.entries()) assert.ok(Math.abs(actual[index]! - value) < 1e-5, `${actual.join()} instead of ${expected.join()}`);
}

describe('the views of an image', () => {
  it('are the image itself and the image mirrored from left to right', () => {
    assertEqual(predict(weights, face, ['mirrored']), predict(weights, mirrored, ['as-it-is']));
    assertEqual(predict(weights, mirrored, ['mirrored']), predict(weights, face, ['as-it-is']));
    assert.notDeepEqual(predict(weights, face, ['as-it-is']), predict(weights, face, ['mirrored']));
  });

  it('give a face and its mirrored image the same answer together', () => {
    assert.equal(new Set(VIEWS).size, 2);
    assertEqual(predict(weights, mirrored), predict(weights, face));
  });

  it('have their votes averaged before the last layer, image by image', () => {
    const logarithms = (answer: Float32Array): Float32Array => answer.map(Math.log);
    const ofEach = VIEWS.map((view) => logarithms(predict(weights, face, [view])));
    const powers = ofEach[0]!.map((value, label) => Math.exp((value + ofEach[1]![label]!) / 2));
    const sum = powers.reduce((total, power) => total + power);
    const both = predict(weights, Buffer.concat([face, new Uint8Array(2304).fill(90)]));
    assertEqual(both.subarray(0, 4), powers.map((power) => power / sum));
  });
});
