import { LANDMARK_NETWORK } from './face-tensors.ts';
import type { FaceWeights, Weight } from './face-weights.ts';
import { toNumbers } from './face-weights.ts';
import { beginNetwork } from './network-graph.ts';

/** ONNX's number for float32. */
const FLOAT = 1;

/** Of each channel, of the pictures that the network learned from. */
const MEAN_COLOUR = Float32Array.of(122.782, 117.001, 104.298);
const BLOCKS = 3;

/** Writes the network of face landmarks as ONNX: three blocks of three convolutions each, an average, and one dense layer. */
export function toLandmarkNetwork(weights: FaceWeights): Uint8Array {
  const { find, add, floats, integers, toChannelsFirst, toFile } = beginNetwork(weights);

  function convolve(input: string, kernel: Weight, { stride = 1, groups = 1, bias = [] as readonly string[] } = {}): string {
    return add('Conv', [input, toChannelsFirst(floats(kernel.shape, toNumbers(kernel))), ...bias], { strides: [stride, stride], auto_pad: 'SAME_UPPER', group: groups });
  }

  function biasOf(layer: string): { bias: string[] } {
    const bias = find(`${layer}/bias`);
    return { bias: [floats(bias.shape, toNumbers(bias))] };
  }

  /** Each channel by itself, then all of them mixed. */
  function separate(input: string, layer: string, stride = 1): string {
    const filters = find(`${layer}/depthwise_filter`);
    const [height = 0, width = 0, groups = 0] = filters.shape;
    const filtered = convolve(input, { ...filters, shape: [height, width, 1, groups] }, { stride, groups });
    return convolve(filtered, find(`${layer}/pointwise_filter`), biasOf(layer));
  }

  const colours = add('Cast', [LANDMARK_NETWORK.input], { to: FLOAT });
  const centred = add('Sub', [colours, floats([3], MEAN_COLOUR)]);
  let picture = add('Transpose', [add('Div', [centred, floats([], Float32Array.of(255))])], { perm: [0, 3, 1, 2] });
  for (let block = 0; block < BLOCKS; block += 1) {
    const first = `dense${block}/conv0`;
    const halved = block === 0 ? convolve(picture, find(`${first}/filters`), { stride: 2, ...biasOf(first) }) : separate(picture, first, 2);
    const one = add('Relu', [halved]);
    const two = add('Add', [one, separate(one, `dense${block}/conv1`)]);
    const three = separate(add('Relu', [two]), `dense${block}/conv2`);
    picture = add('Relu', [add('Add', [two, three])]);
  }
  const dense = find('fc/weights');
  const features = add('Reshape', [add('GlobalAveragePool', [picture]), integers(-1, dense.shape[0]!)]);
  const mixed = add('MatMul', [features, floats(dense.shape, toNumbers(dense))]);
  add('Add', [mixed, ...biasOf('fc').bias], {}, LANDMARK_NETWORK.points);

  const { input, points, side } = LANDMARK_NETWORK;
  return toFile({
    inputs: [{ name: input, type: 'uint8', dims: ['N', side, side, 3] }],
    outputs: [{ name: points, type: 'float32', dims: ['N', dense.shape[1]!] }],
  });
}
