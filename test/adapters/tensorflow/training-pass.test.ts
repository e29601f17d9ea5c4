import assert from 'node:assert/strict';
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-node';
import { normaliseInput } from '../../../adapters/tensorflow/input.ts';
import { HIDDEN_LAYERS, NORMALISATION_EPSILON } from '../../../adapters/tensorflow/network.ts';
import type { TrainingBatch } from '../../../adapters/tensorflow/prepare-batch.ts';
import { prepareBatch } from '../../../adapters/tensorflow/prepare-batch.ts';
import { createRandom } from '../../../domain/random.ts';
import { tf } from '../../../adapters/tensorflow/runtime.ts';
import { toTensors } from '../../../adapters/tensorflow/tensors.ts';
import type { PassResult, TrainingPass } from '../../../adapters/tensorflow/training-pass.ts';
import { openTrainingPass } from '../../../adapters/tensorflow/training-pass.ts';
import { createWeights, STATISTICS_SLOTS, toView, TRAINABLE_SLOTS } from '../../../adapters/tensorflow/weights.ts';
import { EMOTIONS } from '../../../domain/emotion.ts';
import { drawFaces } from './drawn-faces.ts';

const SIZE = 12;

function toBatch(): TrainingBatch {
  const faces = drawFaces(SIZE / 4);
  const labels = Uint8Array.from(faces, ({ label }) => EMOTIONS.indexOf(label));
  const pixels = Uint8Array.from(faces.flatMap((face) => [...face.pixels]));
  return prepareBatch({ pixels, labels }, { classWeights: Float32Array.of(1, 2, 0.5, 1), labelSmoothing: 0.1, isMixed: true }, createRandom(5));
}

/** Away from what fresh weights are, so that no gradient is zero by symmetry. */
function toWeights() {
  const weights = createWeights(createRandom(3));
  const random = createRandom(4);
  for (const slot of TRAINABLE_SLOTS) {
    const values = toView(weights.trainable, slot);
    for (let index = 0; index < values.length; index += 1) values[index]! += 0.1 * random.normal();
  }
  return weights;
}

/** The same pass by formula, in tfjs's own operations and gradients. */
function runByFormula({ pixels, targets, keep, size }: TrainingBatch, trainable: Float32Array): Omit<PassResult, 'gradient'> & { gradients: Float32Array[] } {
  const statistics: number[] = [];
  let answers: Int32Array | undefined;
  const toLoss = (...tensors: Tensor[]): Scalar => {
    const weights = tensors.values();
    const next = (): Tensor => weights.next().value!;
    let x = normaliseInput(tf.tensor4d(pixels, [size, 48, 48, 1]));
    for (const { isPooled } of HIDDEN_LAYERS) {
      x = tf.conv2d(x, next() as Tensor4D, 1, 'same');
      if (isPooled) x = tf.maxPool(x, 2, 2, 'valid');
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      const count = x.size / x.shape[3];
      statistics.push(...mean.dataSync(), ...tf.mul(variance, count / (count - 1)).dataSync());
      const normalised = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, NORMALISATION_EPSILON)));
      x = tf.relu(tf.add(tf.mul(normalised, next() as Tensor1D), next() as Tensor1D));
    }
    const votes = tf.mul(tf.mean<Tensor2D>(x, [1, 2]), tf.tensor2d(keep, [size, keep.length / size]));
    const logits = tf.add(tf.matMul(votes, next()), next());
    answers = tf.argMax(logits, 1).dataSync<'int32'>();
    return tf.neg(tf.div(tf.sum(tf.mul(tf.tensor2d(targets, [size, 4]), tf.logSoftmax(logits))), size));
  };
  const { value, grads } = tf.valueAndGrads(toLoss)(toTensors(trainable, TRAINABLE_SLOTS));
  return {
    loss: value.dataSync()[0]!,
    answers: answers!,
    gradients: grads.map((gradient) => gradient.dataSync<'float32'>()),
    statistics: Float32Array.from(statistics),
  };
}

/** Relative to the largest number of the two. */
function toDifference(actual: Float32Array, expected: Float32Array): number {
  assert.equal(actual.length, expected.length);
  const size = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return size(actual.map((value, index) => value - expected[index]!)) / size(expected);
}

describe('a training pass', () => {
  const batch = toBatch();
  const weights = toWeights();
  let pass: TrainingPass;

  before(() => {
    pass = openTrainingPass(SIZE);
  });

  after(() => {
    pass.close();
  });

  it("gives the loss, the answers, the statistics and every array's gradient as the formula does", () => {
    const actual = pass.run(batch, weights);
    tf.engine().startScope();
    const expected = runByFormula(batch, weights.trainable);
    tf.engine().endScope();
    assert.ok(Math.abs(actual.loss - expected.loss) < 1e-4, `${actual.loss}, not ${expected.loss}`);
    assert.deepEqual(actual.answers, expected.answers);
    for (const [index, slot] of TRAINABLE_SLOTS.entries()) {
      const difference = toDifference(toView(actual.gradient, slot), expected.gradients[index]!);
      assert.ok(difference < 1e-3, `${slot.name} differs by ${difference}`);
    }
    for (const slot of STATISTICS_SLOTS) {
      const difference = toDifference(toView(actual.statistics, slot), toView(expected.statistics, slot));
      assert.ok(difference < 1e-3, `${slot.name} differs by ${difference}`);
    }
  });

  it('gives the same numbers again, to the last bit', () => {
    assert.deepEqual(pass.run(batch, weights), pass.run(batch, weights));
  });

  it('goes by the weights that it is given, not by earlier ones', () => {
    const before = pass.run(batch, weights);
    const others = { ...weights, trainable: weights.trainable.map((value) => 0.9 * value) };
    assert.notEqual(pass.run(batch, others).loss, before.loss);
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    pass.run(batch, weights);
    assert.equal(tf.memory().numTensors, before);
  });
});
