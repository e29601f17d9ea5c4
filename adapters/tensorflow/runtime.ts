import { createRequire } from 'node:module';
import util from 'node:util';
import type * as TensorFlow from '@tensorflow/tfjs-node';

// tfjs-node 4.22 calls these two functions of node:util, which Node 23 removed. Its modules look them up at each call,
// so that it is enough to put them back before the first.
Object.assign(util, {
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  isArray: Array.isArray,
});

const require = createRequire(import.meta.url);

/** TensorFlow's native run time. Loading it takes about a second and 200 MB. */
export const tf = loadQuietly();

/** Versions of what computes, for the model card. */
export const tensorflowVersions: Readonly<Record<string, string>> = {
  'tfjs-node': tf.version['tfjs-node'],
  tensorflow: (tf.backend() as unknown as NativeBackend).binding.TF_Version,
};

/** The part of tfjs-node's back end that reaches TensorFlow's own operations. */
export interface NativeBackend {
  readonly binding: { readonly TF_Version: string };
  /** Gives a number by which the graph's session is known from then on. */
  loadSavedModelMetaGraph(directory: string, tag: string): number;
  runSavedModel(
    session: number,
    inputs: readonly TensorFlow.Tensor[],
    names: readonly { readonly name: string }[],
    outputs: readonly string[],
  ): TensorFlow.Tensor[];
  deleteSavedModel(session: number): void;
}

function loadQuietly(): typeof TensorFlow {
  // 2 leaves warnings and errors; TensorFlow otherwise praises the processor's instruction set on every start.
  process.env['TF_CPP_MIN_LOG_LEVEL'] = '2';
  // oneDNN's kernels do a training step in two thirds of the time. TensorFlow takes them of its own accord only on
  // processors with AVX512-VNNI.
  process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '1';
  const loaded = require('@tensorflow/tfjs-node') as typeof TensorFlow;
  loaded.enableProdMode();
  return loaded;
}
