import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-node';
import { IMAGE_SIDE } from '../../domain/image-transform.ts';
import { DROPOUT, HIDDEN_LAYERS, NORMALISATION_EPSILON, OUTPUT_NAME, OUTPUTS, STANDARDISATION_EPSILON } from './network.ts';
import { tf } from './runtime.ts';
import type { NetworkWeights, Slot } from './weights.ts';
import { STATISTICS_SLOTS, toView, TRAINABLE_SLOTS } from './weights.ts';

/** A model in the format of tf.LayersModel: what other programs of the TensorFlow.js family load. */
export interface LayersModelFiles {
  /** model.json: topology, and where in weights.bin each weight lies. */
  readonly topology: string;
  readonly weights: Uint8Array;
}

const MIRROR_NAME = 'mirror';

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
  const images = standardise.apply(pixels) as SymbolicTensor;
  const hidden = HIDDEN_LAYERS.flatMap(({ name, filters, kernelSide, isPooled }): layers.Layer[] => [
    tf.layers.conv2d({ name, filters, kernelSize: kernelSide, padding: 'same', useBias: false }),
    ...(isPooled ? [tf.layers.maxPooling2d({ name: `${name}-pool`, poolSize: 2 })] : []),
    tf.layers.batchNormalization({ name: `${name}-normalise`, epsilon: NORMALISATION_EPSILON }),
    tf.layers.reLU({ name: `${name}-relu` }),
  ]);
  hidden.push(tf.layers.globalAveragePooling2d({ name: 'average-places' }));
  const ofEach = [images, applyAll(createMirror(), images)].map((side) => applyAll(hidden, side));
  const votes = tf.layers.average({ name: 'average-sides' }).apply(ofEach) as SymbolicTensor;
  const output = [
    tf.layers.dropout({ name: `${OUTPUT_NAME}-dropout`, rate: DROPOUT }),
    tf.layers.dense({ name: OUTPUT_NAME, units: OUTPUTS, activation: 'softmax' }),
  ];
  const model = tf.model({ name: 'emotions', inputs: pixels, outputs: applyAll(output, votes) });
  for (const layer of model.layers) setWeights(layer, weights);
  return model;
}

/** Frees a model's weights. `model.dispose()` counts a layer that is used twice, as ours are, only once. */
export function disposeLayersModel({ layers: ofModel }: LayersModel): void {
  for (const layer of ofModel) for (let uses = layer.inboundNodes.length; uses > 0; uses -= 1) layer.dispose();
}

/** The format has no layer that mirrors, but a dense one can: columns times a matrix of ones from corner to corner. */
function createMirror(): layers.Layer[] {
  return [
    tf.layers.reshape({ name: 'mirror-rows', targetShape: [IMAGE_SIDE, IMAGE_SIDE] }),
    tf.layers.dense({ name: MIRROR_NAME, units: IMAGE_SIDE, useBias: false, trainable: false }),
    tf.layers.reshape({ name: 'mirror-image', targetShape: [IMAGE_SIDE, IMAGE_SIDE, 1] }),
  ];
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
  if (layer.name === MIRROR_NAME) {
    tf.tidy(() => layer.setWeights([tf.reverse(tf.eye(IMAGE_SIDE), 1)]));
    return;
  }
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
