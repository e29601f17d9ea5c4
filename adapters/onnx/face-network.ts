import { FACE_NETWORK } from './face-tensors.ts';
import type { FaceWeights } from './face-weights.ts';
import { toNumbers } from './face-weights.ts';
import { beginNetwork } from './network-graph.ts';
import type { Attribute } from './onnx-file.ts';

/** ONNX's number for float32. */
const FLOAT = 1;

const BATCH_EPSILON = 0.001;

/** Depthwise layers that halve the picture. */
const HALVING_LAYERS: readonly number[] = [2, 4, 6, 12];
const BACKBONE_LAYERS = 13;
/** The first of the six layers in which faces are looked for; the second is the backbone's last. */
const FIRST_FEATURE_LAYER = 11;
const EXTRA_LAYERS = 8;

/** Numbers for each anchor. */
const OFFSETS = 4;
/** No face; a face; and a class that is never used. */
const CLASSES = 3;

/**
 * Writes the SSD-MobileNet face detector as ONNX. The graph ends with raw offsets and scores: which anchors there are
 * depends on the picture's size, and so pictures need not be squares, as they had to be where the weights come from.
 */
export function toFaceNetwork(weights: FaceWeights): Uint8Array {
  const { find, add, floats, bytes, integers, toChannelsFirst, toFile } = beginNetwork(weights);

  /** As bytes, which ONNX Runtime makes numbers of once, when it loads the graph: a quarter of the memory to get there. */
  function kernelOf(layer: string): { kernel: string; channels: number } {
    const weight = find(`${layer}/weights`);
    const kernel = toChannelsFirst(bytes(weight.shape, weight.bytes));
    const scaled = add('Mul', [add('Cast', [kernel], { to: FLOAT }), floats([], Float32Array.of(weight.scale))]);
    return { kernel: add('Add', [scaled, floats([], Float32Array.of(weight.min))]), channels: weight.shape.at(-1)! };
  }

  const zero = floats([], Float32Array.of(0));
  const six = floats([], Float32Array.of(6));

  function convolve(input: string, kernel: string, offset: string, stride: number, groups: number): string {
    return add('Conv', [input, kernel, offset], { strides: [stride, stride], auto_pad: 'SAME_UPPER', group: groups });
  }

  function mix(input: string, layer: string, { stride = 1, offset = 'convolution_bn_offset' } = {}): string {
    const { kernel, channels } = kernelOf(layer);
    return convolve(input, kernel, floats([channels], toNumbers(find(`${layer}/${offset}`))), stride, 1);
  }

  function clip(input: string): string {
    return add('Clip', [input, zero, six]);
  }

  function filterEachChannel(input: string, layer: string, stride: number): string {
    const [gamma, beta, mean, variance] = (['gamma', 'beta', 'moving_mean', 'moving_variance'] as const).map((name) =>
      toNumbers(find(`${layer}/BatchNorm/${name}`)),
    ) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const { kernel, offset } = foldNormalisation(toNumbers(find(`${layer}/depthwise_weights`)), { gamma, beta, mean, variance });
    const channels = offset.length;
    return clip(convolve(input, floats([channels, 1, 3, 3], kernel), floats([channels], offset), stride, channels));
  }

  const scaled = add('Div', [add('Cast', [FACE_NETWORK.input], { to: FLOAT }), floats([], Float32Array.of(127.5))]);
  let picture = add('Transpose', [add('Sub', [scaled, floats([], Float32Array.of(1))])], { perm: [0, 3, 1, 2] });
  picture = clip(mix(picture, 'MobilenetV1/Conv2d_0_pointwise', { stride: 2 }));
  const features: string[] = [];
  for (let layer = 1; layer <= BACKBONE_LAYERS; layer += 1) {
    picture = filterEachChannel(picture, `MobilenetV1/Conv2d_${layer}_depthwise`, HALVING_LAYERS.includes(layer) ? 2 : 1);
    picture = clip(mix(picture, `MobilenetV1/Conv2d_${layer}_pointwise`));
    if (layer === FIRST_FEATURE_LAYER) features.push(picture);
  }
  features.push(picture);
  for (let layer = 0; layer < EXTRA_LAYERS; layer += 1) {
    const halves = layer % 2 === 1;
    picture = clip(mix(picture, `Prediction/Conv2d_${layer}_pointwise`, { stride: halves ? 2 : 1 }));
    if (halves) features.push(picture);
  }

  /** Each place of each feature layer answers for its anchors; all of them in one row. */
  function predict(name: string, numbers: number): readonly [string[], Record<string, Attribute>] {
    const answers = features.map((feature, index) => {
      const answer = mix(feature, `Prediction/BoxPredictor_${index}/${name}`, { offset: 'biases' });
      return add('Reshape', [add('Transpose', [answer], { perm: [0, 2, 3, 1] }), integers(0, -1, numbers)]);
    });
    return [answers, { axis: 1 }];
  }

  add('Concat', ...predict('BoxEncodingPredictor', OFFSETS), FACE_NETWORK.offsets);
  const classes = add('Concat', ...predict('ClassPredictor', CLASSES));
  add('Sigmoid', [add('Slice', [classes, integers(1), integers(2), integers(2)])], {}, FACE_NETWORK.scores);

  return toFile({
    inputs: [{ name: FACE_NETWORK.input, type: 'uint8', dims: ['N', 'height', 'width', 3] }],
    outputs: [
      { name: FACE_NETWORK.offsets, type: 'float32', dims: ['N', 'anchors', OFFSETS] },
      { name: FACE_NETWORK.scores, type: 'float32', dims: ['N', 'anchors', 1] },
    ],
  });
}

/** Of each channel. */
interface Statistics {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** In use, batch normalisation is a linear map: part of the kernel, and an offset. */
function foldNormalisation(values: Float32Array, { gamma, beta, mean, variance }: Statistics): { kernel: Float32Array; offset: Float32Array } {
  const channels = gamma.length;
  const places = values.length / channels;
  const scale = gamma.map((factor, channel) => factor / Math.sqrt(variance[channel]! + BATCH_EPSILON));
  const kernel = new Float32Array(values.length);
  for (let place = 0; place < places; place += 1) {
    for (let channel = 0; channel < channels; channel += 1) kernel[channel * places + place] = values[place * channels + channel]! * scale[channel]!;
  }
  return { kernel, offset: beta.map((offset, channel) => offset - mean[channel]! * scale[channel]!) };
}
