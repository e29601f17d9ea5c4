import { CONTRAST_FLOOR, STANDARDISATION_EPSILON, toAveraging } from '../../adapters/tensorflow/input.ts';
import { HIDDEN_LAYERS, NORMALISATION_EPSILON, OUTPUT_NAME } from '../../adapters/tensorflow/network.ts';
import { VIEWS } from '../../adapters/tensorflow/views.ts';
import type { NetworkWeights } from '../../adapters/tensorflow/weights.ts';
import { findView, STATISTICS_SLOTS, TRAINABLE_SLOTS } from '../../adapters/tensorflow/weights.ts';

/** The network as fastapi_keras.py builds it again: JSON, numbers as base64 of float32. */
export function toNetworkJson(weights: NetworkWeights): string {
  const numbers = new Map([['averaging', toAveraging()]]);
  for (const { name } of [...TRAINABLE_SLOTS, ...STATISTICS_SLOTS]) numbers.set(name, findView(weights, name));
  return JSON.stringify({
    views: VIEWS,
    layers: HIDDEN_LAYERS,
    output: OUTPUT_NAME,
    standardisationEpsilon: STANDARDISATION_EPSILON,
    contrastFloor: CONTRAST_FLOOR,
    normalisationEpsilon: NORMALISATION_EPSILON,
    numbers: Object.fromEntries([...numbers].map(([name, values]) => [name, Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')])),
  });
}
