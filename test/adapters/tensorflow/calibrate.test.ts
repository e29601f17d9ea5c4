import assert from 'node:assert/strict';
import { answerAll } from '../../../adapters/tensorflow/answer-all.ts';
import { createBatches } from '../../../adapters/tensorflow/batches.ts';
import { calibrate } from '../../../adapters/tensorflow/calibrate.ts';
import { OUTPUT_NAME, OUTPUTS } from '../../../adapters/tensorflow/network.ts';
import { predict } from '../../../adapters/tensorflow/predict.ts';
import { createRandom } from '../../../domain/random.ts';
import type { NetworkWeights } from '../../../adapters/tensorflow/weights.ts';
import { copyWeights, createWeights, findView } from '../../../adapters/tensorflow/weights.ts';
import { EMOTIONS } from '../../../domain/emotion.ts';
import type { SampleSource } from '../../../adapters/tensorflow/samples.ts';
import { drawFaces, toSource } from './drawn-faces.ts';

const OPTIONS = { answerPrecision: 0.8, batchSize: 16, signal: new AbortController().signal };

/** A fresh network answers at random; this one is very sure of it. */
const network = toSure(createWeights(createRandom(1, 'weights')));

function toSure(weights: NetworkWeights): NetworkWeights {
  const kernel = findView(weights, `${OUTPUT_NAME}/kernel`);
  kernel.set(kernel.map((value) => 10 * value));
  return weights;
}

/** Faces that carry the network's own answer as their label, but for every fourth one: what it is right about is known. */
async function toMostlyRight(facesPerLabel: number): Promise<SampleSource> {
  const faces = drawFaces(facesPerLabel);
  const { probabilities } = await answerAll(network, createBatches(toSource(faces), { batchSize: 16 }), OPTIONS.signal);
  return toSource(faces.map((face, index) => {
    const answer = probabilities.subarray(index * OUTPUTS, (index + 1) * OUTPUTS);
    const likeliest = answer.indexOf(Math.max(...answer));
    return { ...face, label: EMOTIONS[(likeliest + (index % 4 === 0 ? 1 : 0)) % OUTPUTS]! };
  }));
}

describe('calibration', () => {
  it('makes a network that is too sure as sure as it is right, and changes no answer', async () => {
    const validation = await toMostlyRight(15);
    const { weights, calibration, certainty } = await calibrate(network, validation, OPTIONS);
    assert.ok(calibration.temperature > 1.5, `${calibration.temperature}`);
    assert.ok(calibration.loss < calibration.lossBefore);
    assert.equal(calibration.images, 60);
    assert.equal(certainty.images, 60);

    const batches = createBatches(validation, { batchSize: 16 });
    const [before, after] = [await answerAll(network, batches, OPTIONS.signal), await answerAll(weights, batches, OPTIONS.signal)];
    let confidence = 0;
    for (let image = 0; image < 60; image += 1) {
      const [was, is] = [before, after].map(({ probabilities }) => probabilities.subarray(image * OUTPUTS, (image + 1) * OUTPUTS));
      assert.equal(is!.indexOf(Math.max(...is!)), was!.indexOf(Math.max(...was!)));
      confidence += Math.max(...is!) / 60;
    }
    assert.ok(Math.abs(confidence - 0.75) < 0.1, `${confidence}`);
  });

  it('divides the logits, and leaves the given network as it is', async () => {
    const untouched = copyWeights(network);
    const { weights, calibration } = await calibrate(network, await toMostlyRight(15), OPTIONS);
    assert.deepEqual(network, untouched);
    const { pixels } = drawFaces(1)[0]!;
    const [was, is] = [predict(network, pixels), predict(weights, pixels)];
    const expected = Math.log(was[0]! / was[1]!) / calibration.temperature;
    assert.ok(Math.abs(Math.log(is[0]! / is[1]!) - expected) < 1e-3, `${Math.log(is[0]! / is[1]!)} ${expected}`);
  });

  it('changes nothing by few images', async () => {
    const { weights, calibration, certainty } = await calibrate(network, await toMostlyRight(4), OPTIONS);
    assert.equal(calibration.temperature, 1);
    assert.equal(certainty.uncertainBelow, 0);
    assert.deepEqual(weights, network);
  });
});
