import type { LayersModel, layers } from '@tensorflow/tfjs-node';
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

/** The network as a tf.LayersModel, pixels 0..255 in, probabilities out. Whoever asks for it disposes of it. */
export function toLayersModel(weights: NetworkWeights): LayersModel {
  const model = tf.sequential({ name: 'emotions' });
  model.add(
    // Over a whole image and without weights of its own, this layer is the standardisation.
    tf.layers.layerNormalization({
      name: 'standardise',
      inputShape: [IMAGE_SIDE, IMAGE_SIDE, 1],
      axis: [1, 2, 3],
      epsilon: STANDARDISATION_EPSILON,
      center: false,
      scale: false,
    }),
  );
  for (const { name, filters, kernelSide, isPooled } of HIDDEN_LAYERS) {
    model.add(tf.layers.conv2d({ name, filters, kernelSize: kernelSide, padding: 'same', useBias: false }));
    if (isPooled) model.add(tf.layers.maxPooling2d({ name: `${name}-pool`, poolSize: 2 }));
    model.add(tf.layers.batchNormalization({ name: `${name}-normalise`, epsilon: NORMALISATION_EPSILON }));
    model.add(tf.layers.reLU({ name: `${name}-relu` }));
  }
  model.add(tf.layers.globalAveragePooling2d({ name: `${OUTPUT_NAME}-average` }));
  model.add(tf.layers.dropout({ name: `${OUTPUT_NAME}-dropout`, rate: DROPOUT }));
  model.add(tf.layers.dense({ name: OUTPUT_NAME, units: OUTPUTS, activation: 'softmax' }));
  for (const layer of model.layers) setWeights(layer, weights);
  return model;
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
    model.dispose();
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
