import { IMAGE_SIDE } from '../../domain/image-transform.ts';
import type { GraphBuilder } from './graph.ts';
import { createGraphBuilder, toResult } from './graph.ts';
import type { GraphNode } from './graph-schema.ts';
import { CONTRAST_FLOOR, STANDARDISATION_EPSILON, toAveraging } from './input.ts';
import { transpose } from './matrix.ts';
import type { LayerShape } from './network.ts';
import { HIDDEN_LAYERS, NORMALISATION_EPSILON, OUTPUT_NAME, OUTPUTS, toLayerShapes } from './network.ts';
import { TRAINABLE_SIZE, TRAINABLE_SLOTS } from './weights.ts';

/** How many votes the last hidden layer has for each image, of which dropout takes some. */
export const VOTES = HIDDEN_LAYERS.at(-1)!.filters;

/**
 * Writes one pass of training, forwards and backwards, as a graph of TensorFlow's operations.
 *
 * In a batch of `size` images go in `pixels` [size, 48, 48, 1], `targets` [size, labels], `keep` [size, votes] (what dropout
 * multiplies the votes with) and `trainable`, laid out by TRAINABLE_SLOTS. Out come `loss` [], `answers` [size], `gradient`
 * as `trainable`, and `statistics` laid out by STATISTICS_SLOTS, of this batch.
 *
 * The function is that of `forward.ts`, looking once, with the batch's own statistics and dropout; the tests hold it against
 * the formula.
 */
export function toTrainingGraph(size: number): GraphNode[] {
  const graph = createGraphBuilder();
  const { add, integers } = graph;
  const weights = addWeights(graph);
  const gradients = new Map<string, string>();

  // Forwards.
  const standardised = addStandardisation(graph, graph.input('pixels', [size, IMAGE_SIDE, IMAGE_SIDE, 1]));
  let x = addLocalContrast(graph, standardised, size);
  const layers = toLayerShapes().map((shape) => {
    const layer = addLayer(graph, shape, x, weights);
    x = layer.output;
    return layer;
  });
  const { outputSide } = layers.at(-1)!.shape;
  const keep = graph.input('keep', [size, VOTES]);
  const votes = add('Mul', [add('Mean', [x, integers(1, 2)], { keep_dims: { b: false } }), keep]);
  const [kernel, bias] = [weights.get(`${OUTPUT_NAME}/kernel`)!, weights.get(`${OUTPUT_NAME}/bias`)!];
  const logits = add('BiasAdd', [add('MatMul', [votes, kernel]), bias]);
  const targets = graph.input('targets', [size, OUTPUTS]);
  const agreement = add('Sum', [add('Mul', [targets, add('LogSoftmax', [logits])]), integers(0, 1)]);
  graph.output('loss', add('RealDiv', [add('Neg', [agreement]), graph.floats(size)]));
  graph.output('answers', add('ArgMax', [logits, graph.integer(1)], { output_type: { type: 'DT_INT32' } }), 'DT_INT32');
  graph.output('statistics', addConcatenation(graph, layers.flatMap(({ normalised }) => [toResult(normalised, 1), toResult(normalised, 2)])));

  // Backwards. Targets are weighted: the share of a softmax in its gradient is the sum of an image's targets, not 1.
  const wanted = add('Sum', [targets, integers(1)], { keep_dims: { b: true } });
  const surplus = add('Sub', [add('Mul', [add('Softmax', [logits]), wanted]), targets]);
  const onLogits = add('RealDiv', [surplus, graph.floats(size)]);
  gradients.set(kernel, add('MatMul', [votes, onLogits], { transpose_a: { b: true } }));
  gradients.set(bias, add('BiasAddGrad', [onLogits]));
  const onVotes = add('Mul', [add('MatMul', [onLogits, kernel], { transpose_b: { b: true } }), keep]);
  const places = outputSide * outputSide;
  const ofEachPlace = add('Reshape', [add('RealDiv', [onVotes, graph.floats(places)]), integers(size, 1, 1, VOTES)]);
  let dx = add('Tile', [ofEachPlace, integers(1, outputSide, outputSide, 1)]);
  for (const layer of layers.toReversed()) dx = addLayerGradient(graph, { layer, dy: dx, size, gradients });
  graph.output('gradient', addConcatenation(graph, TRAINABLE_SLOTS.map(({ name }) => gradients.get(weights.get(name)!)!)));
  return [...graph.nodes];
}

/** The arrays of numbers that training changes, by the names of their slots. */
function addWeights(graph: GraphBuilder): Map<string, string> {
  const { add, integers, integer } = graph;
  const trainable = graph.input('trainable', [TRAINABLE_SIZE]);
  const parts = add('SplitV', [trainable, integers(...TRAINABLE_SLOTS.map(({ size }) => size)), integer(0)], {
    num_split: { i: TRAINABLE_SLOTS.length },
    Tlen: { type: 'DT_INT32' },
  });
  return new Map(TRAINABLE_SLOTS.map(({ name, shape }, index) => [name, add('Reshape', [toResult(parts, index), integers(...shape)])]));
}

/** Every image to mean 0 and variance 1. */
function addStandardisation({ add, integers, floats }: GraphBuilder, pixels: string): string {
  const toMean = (values: string): string => add('Mean', [values, integers(1, 2, 3)], { keep_dims: { b: true } });
  const centred = add('Sub', [pixels, toMean(pixels)]);
  const variance = toMean(add('Square', [centred]));
  return add('Mul', [centred, add('Rsqrt', [add('AddV2', [variance, floats(STANDARDISATION_EPSILON)])])]);
}

/** Each pixel less the average around it, over the average departure from that around it (input.ts). */
function addLocalContrast({ add, integers, floats }: GraphBuilder, images: string, size: number): string {
  const toMatrix = (values: Float32Array): string => add('Reshape', [floats(...values), integers(IMAGE_SIDE, IMAGE_SIDE)]);
  const [rows, columns] = [toMatrix(toAveraging()), toMatrix(transpose(toAveraging()))];
  const toAverage = (values: string): string => {
    const lines = add('MatMul', [add('Reshape', [values, integers(-1, IMAGE_SIDE)]), columns]);
    const average = add('BatchMatMulV2', [rows, add('Reshape', [lines, integers(size, IMAGE_SIDE, IMAGE_SIDE)])]);
    return add('Reshape', [average, integers(size, IMAGE_SIDE, IMAGE_SIDE, 1)]);
  };
  const detail = add('Sub', [images, toAverage(images)]);
  const contrast = toAverage(add('Abs', [detail]));
  return add('Mul', [detail, add('Rsqrt', [add('AddV2', [add('Square', [contrast]), floats(CONTRAST_FLOOR ** 2)])])]);
}

/** What the way back needs of a layer's way forth: names of results. */
interface Layer {
  readonly shape: LayerShape;
  readonly input: string;
  readonly kernel: string;
  readonly scale: string;
  readonly offset: string;
  readonly mapped: string;
  readonly pooled: string;
  readonly normalised: string;
  readonly output: string;
}

const CONVOLUTION: GraphNode['attributes'] = { strides: { ints: [1, 1, 1, 1] }, padding: { s: 'SAME' } };
const POOLING: GraphNode['attributes'] = { ksize: { ints: [1, 2, 2, 1] }, strides: { ints: [1, 2, 2, 1] }, padding: { s: 'VALID' } };
const NORMALISATION: GraphNode['attributes'] = { U: { type: 'DT_FLOAT' }, epsilon: { f: NORMALISATION_EPSILON }, is_training: { b: true } };

function addLayer({ add, floats }: GraphBuilder, shape: LayerShape, input: string, weights: ReadonlyMap<string, string>): Layer {
  const { name, isPooled } = shape.layer;
  const [kernel, scale, offset] = ['kernel', 'scale', 'offset'].map((part) => weights.get(`${name}/${part}`)!) as [string, string, string];
  const mapped = add('Conv2D', [input, kernel], CONVOLUTION);
  const pooled = isPooled ? add('MaxPool', [mapped], POOLING) : mapped;
  // Without statistics of its own to begin with.
  const normalised = add('FusedBatchNormV3', [pooled, scale, offset, floats(), floats()], NORMALISATION);
  return { shape, input, kernel, scale, offset, mapped, pooled, normalised, output: add('Relu', [normalised]) };
}

interface LayerGradient {
  readonly layer: Layer;
  /** Of the loss, with respect to the layer's output. */
  readonly dy: string;
  readonly size: number;
  /** By the name of an array of weights; filled here. */
  readonly gradients: Map<string, string>;
}

/** Gives the gradient with respect to the layer's input; for the first layer, whose input nobody asks about, that of its map. */
function addLayerGradient({ add, integers }: GraphBuilder, { layer, dy, size, gradients }: LayerGradient): string {
  const { inputSide, inputChannels, layer: { filters, kernelSide } } = layer.shape;
  const reserved = [3, 4, 5].map((index) => toResult(layer.normalised, index));
  const onNormalised = add('ReluGrad', [dy, layer.output]);
  const back = add('FusedBatchNormGradV3', [onNormalised, layer.pooled, layer.scale, ...reserved], NORMALISATION);
  gradients.set(layer.scale, toResult(back, 1));
  gradients.set(layer.offset, toResult(back, 2));
  const onMap = layer.pooled === layer.mapped ? back : add('MaxPoolGrad', [layer.mapped, layer.pooled, back], POOLING);
  const kernelShape = integers(kernelSide, kernelSide, inputChannels, filters);
  gradients.set(layer.kernel, add('Conv2DBackpropFilter', [layer.input, kernelShape, onMap], CONVOLUTION));
  if (layer.shape.layer === HIDDEN_LAYERS[0]) return onMap;
  return add('Conv2DBackpropInput', [integers(size, inputSide, inputSide, inputChannels), layer.kernel, onMap], CONVOLUTION);
}

/** All numbers of some arrays, one after the other. */
function addConcatenation({ add, integers, integer }: GraphBuilder, arrays: readonly string[]): string {
  const flat = arrays.map((array) => add('Reshape', [array, integers(-1)]));
  return add('ConcatV2', [...flat, integer(0)], { N: { i: flat.length } });
}
