import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-node';
import type { NativeBackend } from './runtime.ts';
import { tf } from './runtime.ts';

/**
 * Operations whose gradients tfjs builds out of many small ones while TensorFlow has one each. They give the same
 * numbers, and a training step in half the time.
 */

const native = (): NativeBackend => tf.backend() as unknown as NativeBackend;

/** TensorFlow's number for the type float32. */
const FLOAT32 = 1;
const TYPE_ATTRIBUTES = ['T', 'U'];

type Attributes = Readonly<Record<string, number | string | boolean>>;

function run(operation: string, inputs: readonly Tensor[], outputs: number, attributes: Attributes = {}): Tensor[] {
  const { binding } = native();
  const toType = (name: string, value: Attributes[string]): number => {
    if (TYPE_ATTRIBUTES.includes(name)) return binding.TF_ATTR_TYPE;
    if (typeof value === 'string') return binding.TF_ATTR_STRING;
    return typeof value === 'boolean' ? binding.TF_ATTR_BOOL : binding.TF_ATTR_FLOAT;
  };
  return native().executeMultipleOutputs(
    operation,
    Object.entries({ T: FLOAT32, ...attributes }).map(([name, value]) => ({ name, type: toType(name, value), value })),
    inputs,
    outputs,
  );
}

const reluWithGradient = tf.customGrad((x, save) => {
  const [y] = run('Relu', [x as Tensor], 1);
  (save as (tensors: Tensor[]) => void)([y!]);
  return {
    value: y!,
    gradFunc: (dy: Tensor, saved: Tensor[]) => run('ReluGrad', [dy, saved[0]!], 1)[0]!,
  };
});

/** max(x, 0), any shape. */
export function relu<T extends Tensor>(x: T): T {
  return reluWithGradient(x) as T;
}

export interface Normalised {
  /** [N, H, W, C] */
  readonly y: Tensor4D;
  /** Of this batch, [C] each; the variance is the unbiased one. */
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** Batch normalisation with the batch's own statistics. `x` is [N, H, W, C], `scale` and `offset` are [C]. */
export function normaliseBatch(x: Tensor4D, scale: Tensor1D, offset: Tensor1D, epsilon: number): Normalised {
  // Read out at once: tfjs frees every result of the function but its value.
  let statistics: Pick<Normalised, 'mean' | 'variance'> | undefined;
  const attributes = { U: FLOAT32, epsilon, data_format: 'NHWC', is_training: true };
  const normalise = tf.customGrad((...args) => {
    const [input, gamma, beta, save] = args as unknown as [Tensor4D, Tensor1D, Tensor1D, (tensors: Tensor[]) => void];
    const none = tf.tensor1d([]);
    const [y, mean, variance, ...reserved] = run('FusedBatchNormV3', [input, gamma, beta, none, none], 6, attributes);
    statistics = { mean: mean!.dataSync<'float32'>(), variance: variance!.dataSync<'float32'>() };
    save([input, gamma, ...reserved]);
    return {
      value: y!,
      gradFunc: (dy: Tensor, saved: Tensor[]) =>
        run('FusedBatchNormGradV3', [dy, ...saved], 5, attributes).slice(0, 3),
    };
  });
  const y = normalise(x, scale, offset) as Tensor4D;
  return { y, ...statistics! };
}
