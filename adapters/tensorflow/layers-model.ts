import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-node';
import { IMAGE_SIDE } from '../../domain/image-transform.ts';
import { CONTRAST_FLOOR, STANDARDISATION_EPSILON, toAveraging } from './input.ts';
import type { Matrix } from './matrix.ts';
import { toMirror, transpose } from './matrix.ts';
import { DROPOUT, HIDDEN_LAYERS, NORMALISATION_EPSILON, OUTPUT_NAME, OUTPUTS } from './network.ts';
import { tf } from './runtime.ts';
import { VIEWS } from './views.ts';
import type { NetworkWeights, Slot } from './weights.ts';
import { STATISTICS_SLOTS, toView, TRAINABLE_SLOTS } from './weights.ts';

/** A model in the format of tf.LayersModel: what other programs of the TensorFlow.js family load. */
export interface LayersModelFiles {
  /** model.json: topology, and where in weights.bin each weight lies. */
  readonly topology: string;
  readonly weights: Uint8Array;
}

/** The network as a tf.LayersModel, pixels 0..255 in, probabilities out. Whoever asks for it gives it to {@link disposeLayersModel}. */
export function toLayersModel(weights: NetworkWeights): LayersModel {
  const pixels = tf.input({ name: 'pixels', shape: [IMAGE_SIDE, IMAGE_SIDE, 1] });
  // Over a whole image and without weights of its own, this layer is the standardisation.
  const standardise = tf.layers.layerNormalization({
    name: 'standardise',
    axis: [1, 2, 3],
    epsilon: STANDARDISATION_EPSILON,
    center: false,
    scale: false,
  });
  const hidden = HIDDEN_LAYERS.flatMap(({ name, filters, kernelSide, isPooled }): layers.Layer[] => [
    tf.layers.conv2d({ name, filters, kernelSize: kernelSide, padding: 'same', useBias: false }),
    ...(isPooled ? [tf.layers.maxPooling2d({ name: `${name}-pool`, poolSize: 2 })] : []),
    tf.layers.batchNormalization({ name: `${name}-normalise`, epsilon: NORMALISATION_EPSILON }),
    tf.layers.reLU({ name: `${name}-relu` }),
  ]);
  hidden.push(tf.layers.globalAveragePooling2d({ name: 'average-places' }));
  const { mirror, evenOut, setFixedWeights } = createFixedLayers();
  const image = evenOut(standardise.apply(pixels) as SymbolicTensor);
  const ofEach = VIEWS.map((view) => applyAll([...(view === 'mirrored' ? mirror : []), ...hidden], image));
  const votes = tf.layers.average({ name: 'average-looks' }).apply(ofEach) as SymbolicTensor;
  const output = [
    tf.layers.dropout({ name: `${OUTPUT_NAME}-dropout`, rate: DROPOUT }),
    tf.layers.dense({ name: OUTPUT_NAME, units: OUTPUTS, activation: 'softmax' }),
  ];
  const model = tf.model({ name: 'emotions', inputs: pixels, outputs: applyAll(output, votes) });
  for (const layer of model.layers) if (!setFixedWeights(layer)) setWeights(layer, weights);
  return model;
}

/** Frees a model's weights. `model.dispose()` counts a layer that is used twice, as ours are, only once. */
export function disposeLayersModel({ layers: ofModel }: LayersModel): void {
  for (const layer of ofModel) for (let uses = layer.inboundNodes.length; uses > 0; uses -= 1) layer.dispose();
}

/** What is not learned: local contrast and mirroring. The format has no layers for them, but dense ones with fixed numbers can do it. */
function createFixedLayers() {
  const kernels = new Map<string, { kernel: Matrix; bias?: readonly number[] }>();

  function dense(name: string, units: number, kernel: Matrix, bias?: readonly number[]): layers.Layer {
    kernels.set(name, { kernel, ...(bias && { bias }) });
    return tf.layers.dense({ name, units, useBias: bias !== undefined, trainable: false });
  }

  function toLines(name: string): layers.Layer {
    return tf.layers.reshape({ name: `${name}-lines`, targetShape: [IMAGE_SIDE, IMAGE_SIDE] });
  }

  function toImage(name: string): layers.Layer {
    return tf.layers.reshape({ name: `${name}-image`, targetShape: [IMAGE_SIDE, IMAGE_SIDE, 1] });
  }

  /** rows * image * columns: lines times a matrix, turned by 90 degrees, times the other, turned back. */
  function createProduct(name: string, rows: Matrix, columns: Matrix): layers.Layer[] {
    const turn = (before: string): layers.Layer => tf.layers.permute({ name: `${name}-turn-${before}`, dims: [2, 1] });
    return [
      toLines(name),
      dense(`${name}-columns`, IMAGE_SIDE, columns),
      turn('rows'),
      dense(`${name}-rows`, IMAGE_SIDE, transpose(rows)),
      turn('back'),
      toImage(name),
    ];
  }

  const averaging = toAveraging();
  const columns = transpose(averaging);
  const lessAverage = createProduct('less-average', averaging, columns.map((share) => -share));
  const subtract = tf.layers.add({ name: 'detail' });
  const contrast = [
    dense('both-signs', 2, Float32Array.of(1, -1)),
    tf.layers.activation({ name: 'positive-parts', activation: 'relu' }),
    dense('departure', 1, Float32Array.of(1, 1)),
    ...createProduct('contrast', averaging, columns),
    // 1 / sqrt(x * x + floor * floor), by the only layer that divides: the four numbers have mean 0 and half that variance.
    dense('with-floor', 4, Float32Array.of(1, -1, 0, 0), [0, 0, CONTRAST_FLOOR, -CONTRAST_FLOOR]),
    tf.layers.layerNormalization({ name: 'divide', axis: -1, epsilon: 1e-8, center: false, scale: false }),
    dense('inverse', 1, Float32Array.of(0, 0, 1 / (CONTRAST_FLOOR * Math.SQRT2), 0)),
  ];
  const divide = tf.layers.multiply({ name: 'even-contrast' });

  return {
    mirror: [toLines('mirror'), dense('mirror', IMAGE_SIDE, toMirror()), toImage('mirror')],
    evenOut(image: SymbolicTensor): SymbolicTensor {
      const detail = subtract.apply([image, applyAll(lessAverage, image)]) as SymbolicTensor;
      return divide.apply([detail, applyAll(contrast, detail)]) as SymbolicTensor;
    },
    /** Whether the layer was one of these. */
    setFixedWeights(layer: layers.Layer): boolean {
      const fixed = kernels.get(layer.name);
      if (fixed === undefined) return false;
      tf.tidy(() => {
        const shape = layer.weights[0]!.shape as [number, number];
        layer.setWeights([tf.tensor2d(fixed.kernel, shape), ...(fixed.bias ? [tf.tensor1d([...fixed.bias])] : [])]);
      });
      return true;
    },
  };
}

function applyAll(chain: readonly layers.Layer[], input: SymbolicTensor): SymbolicTensor {
  return chain.reduce((x, layer) => layer.apply(x) as SymbolicTensor, input);
}

/** Writes a model into memory. */
export async function saveLayersModel(weights: NetworkWeights): Promise<LayersModelFiles> {
  const model = toLayersModel(weights);
  let files: LayersModelFiles | undefined;
  try {
    await model.save(
      tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData, format, generatedBy }) => {
        const bytes = Buffer.concat([weightData ?? []].flat().map((part) => Buffer.from(part)));
        files = {
          topology: JSON.stringify({
            format,
            generatedBy,
            modelTopology,
            weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
          }),
          weights: bytes,
        };
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
      }),
    );
  } finally {
    disposeLayersModel(model);
  }
  return files!;
}

/** tf.layers wants a normalisation's trainable arrays before its statistics, as they lie in the two vectors. */
function setWeights(layer: layers.Layer, { trainable, statistics }: NetworkWeights): void {
  if (layer.weights.length === 0) return;
  const isNormalisation = layer.name.endsWith('-normalise');
  const name = layer.name.replace(/-normalise$/, '');
  const isKernelLayer = ({ name: slot }: Slot): boolean => slot === `${name}/kernel` || slot === `${name}/bias`;
  const isOwn = (slot: Slot): boolean => slot.name.startsWith(`${name}/`) && isKernelLayer(slot) !== isNormalisation;
  tf.tidy(() => {
    layer.setWeights([
      ...TRAINABLE_SLOTS.filter(isOwn).map((slot) => tf.tensor(toView(trainable, slot), [...slot.shape])),
      ...(isNormalisation ? STATISTICS_SLOTS.filter(isOwn).map((slot) => tf.tensor(toView(statistics, slot), [...slot.shape])) : []),
    ]);
  });
}
