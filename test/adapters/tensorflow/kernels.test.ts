import assert from 'node:assert/strict';
import type { Scalar, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-node';
import { normaliseBatch, relu } from '../../../adapters/tensorflow/kernels.ts';
import { tf } from '../../../adapters/tensorflow/runtime.ts';

describe('the kernels', () => {
  let x: Tensor4D;
  let scale: Tensor1D;
  let offset: Tensor1D;
  /** Makes the gradient differ from place to place. */
  let pull: Tensor4D;

  beforeEach(() => {
    tf.engine().startScope();
    x = tf.randomNormal([4, 3, 3, 2], 1, 2, 'float32', 7);
    pull = tf.randomNormal([4, 3, 3, 2], 0, 1, 'float32', 8);
    scale = tf.tensor1d([0.5, -2]);
    offset = tf.tensor1d([0.1, 0.2]);
  });

  afterEach(() => {
    tf.engine().endScope();
  });

  function assertClose(actual: Tensor, expected: Tensor): void {
    assert.deepEqual(actual.shape, expected.shape);
    const difference = tf.max(tf.abs(tf.sub(actual, expected))).dataSync<'float32'>()[0]!;
    assert.ok(difference < 1e-4, `differs by ${difference}`);
  }

  it("relu has tfjs's values and gradient", () => {
    const gradientOf = (f: (t: Tensor) => Tensor): Tensor => tf.grad((t: Tensor) => tf.sum(tf.mul(f(t), pull)))(x);
    assertClose(relu(x), tf.relu(x));
    assertClose(gradientOf(relu), gradientOf((t) => tf.relu(t)));
  });

  it('batch normalisation has the values and gradients of its formula', () => {
    const epsilon = 1e-3;
    const byFormula = (t: Tensor, gamma: Tensor, beta: Tensor): Tensor => {
      const mean = tf.mean(t, [0, 1, 2]);
      const variance = tf.mean(tf.square(tf.sub(t, mean)), [0, 1, 2]);
      return tf.add(tf.mul(tf.div(tf.sub(t, mean), tf.sqrt(tf.add(variance, epsilon))), gamma), beta);
    };
    const byKernel = (t: Tensor, gamma: Tensor, beta: Tensor): Tensor =>
      normaliseBatch(t as Tensor4D, gamma as Tensor1D, beta as Tensor1D, epsilon).y;
    const gradientsOf = (f: typeof byFormula): Tensor[] =>
      tf.grads((t, gamma, beta) => tf.sum<Scalar>(tf.mul(f(t, gamma, beta), pull)))([x, scale, offset]);

    assertClose(byKernel(x, scale, offset), byFormula(x, scale, offset));
    const expected = gradientsOf(byFormula);
    for (const [index, gradient] of gradientsOf(byKernel).entries()) assertClose(gradient, expected[index]!);
  });

  it("batch normalisation tells the batch's mean and unbiased variance", () => {
    const { mean, variance } = normaliseBatch(x, scale, offset, 1e-3);
    const moments = tf.moments(x, [0, 1, 2]);
    assertClose(tf.tensor1d(mean), moments.mean);
    assertClose(tf.tensor1d(variance), tf.mul(moments.variance, 36 / 35));
  });
});
