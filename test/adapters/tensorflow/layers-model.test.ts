import assert from 'node:assert/strict';
import { disposeLayersModel, saveLayersModel, toLayersModel } from '../../../adapters/tensorflow/layers-model.ts';
import { predict } from '../../../adapters/tensorflow/predict.ts';
import { tf } from '../../../adapters/tensorflow/runtime.ts';
import { TRAINABLE_SIZE } from '../../../adapters/tensorflow/weights.ts';
import { drawFaces } from './drawn-faces.ts';
import { createTrainedWeights } from './trained-weights.ts';

const images = drawFaces(2).map(({ pixels }) => pixels);
const pixels = Buffer.concat(images);

function assertAnswersAs(expected: Float32Array, answer: ArrayLike<number>): void {
  assert.equal(answer.length, expected.length);
  for (const [index, value] of expected.entries()) assert.ok(Math.abs(value - answer[index]!) < 1e-5);
}

describe('the model in the LayersModel format', () => {
  const weights = createTrainedWeights();

  it('has six layers with ReLU, and all that was learned is in them', () => {
    const model = toLayersModel(weights);
    try {
      assert.equal(model.layers.filter((layer) => layer.getClassName() === 'ReLU').length, 6);
      const learned = model.trainableWeights.reduce((sum, { shape }) => sum + shape.reduce<number>((product, side) => product * side!, 1), 0);
      assert.equal(learned, TRAINABLE_SIZE);
    } finally {
      disposeLayersModel(model);
    }
  });

  it('is loaded from its files by anyone, and answers as the network does', async () => {
    const before = tf.memory().numTensors;
    const files = await saveLayersModel(weights);
    const { modelTopology, weightsManifest } = JSON.parse(files.topology) as {
      modelTopology: object;
      weightsManifest: { paths: string[]; weights: [] }[];
    };
    assert.deepEqual(weightsManifest[0]!.paths, ['weights.bin']);
    const model = await tf.loadLayersModel(
      tf.io.fromMemory({ modelTopology, weightSpecs: weightsManifest[0]!.weights, weightData: Uint8Array.from(files.weights).buffer }),
    );
    tf.tidy(() => {
      const answer = model.predict(tf.tensor4d(Float32Array.from(pixels), [images.length, 48, 48, 1]));
      assertAnswersAs(predict(weights, pixels), (Array.isArray(answer) ? answer[0]! : answer).dataSync());
    });
    disposeLayersModel(model);
    assert.equal(tf.memory().numTensors, before);
  });
});
