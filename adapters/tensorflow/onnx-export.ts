import { IMAGE_SIDE } from '../../domain/image-transform.ts';
import { CONTRAST_FLOOR, STANDARDISATION_EPSILON, toAveraging } from './input.ts';
import { transpose } from './matrix.ts';
import type { LayerShape } from './network.ts';
import { HIDDEN_LAYERS, NORMALISATION_EPSILON, OUTPUT_NAME, OUTPUTS, toLayerShapes } from './network.ts';
import { encodeOnnx } from './onnx-schema.ts';
import type { OnnxConstant, OnnxNode } from './onnx-schema.ts';
import { VIEWS } from './views.ts';
import type { NetworkWeights } from './weights.ts';
import { findView } from './weights.ts';

/**
 * Writes a trained network as ONNX: input `pixels`, float32 [N, 48, 48, 1], grey 0 to 255; output `probabilities`,
 * float32 [N, labels]. Standardisation is part of the graph, so that nobody who runs it can do it otherwise. Batch
 * normalisation is gone: in use it is a linear map, and is folded into the layer's own.
 */
export function exportOnnx(weights: NetworkWeights, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const { graph, add, constant, integers } = createGraph('pixels');

  // ONNX puts channels first; with one channel that is the same order in memory.
  add('Reshape', { with: [integers('picture', [-1, 1, IMAGE_SIDE, IMAGE_SIDE])] });
  addStandardisation();
  addLocalContrast();
  addViews();
  for (const shape of toLayerShapes()) addHiddenLayer(shape);
  add('GlobalAveragePool');
  const { filters } = HIDDEN_LAYERS.at(-1)!;
  add('Reshape', { with: [integers('looks', [VIEWS.length, -1, filters])] });
  add('ReduceMean', { attributes: { axes: [0], keepdims: 0 } });
  add('Gemm', {
    with: [
      constant('output/kernel', [filters, OUTPUTS], findView(weights, `${OUTPUT_NAME}/kernel`)),
      constant('output/bias', [OUTPUTS], findView(weights, `${OUTPUT_NAME}/bias`)),
    ],
  });
  add('Softmax', { attributes: { axis: -1 }, output: 'probabilities' });
  return encodeOnnx(
    {
      ...graph,
      name: 'emotions',
      input: { name: 'pixels', dims: ['N', IMAGE_SIDE, IMAGE_SIDE, 1] },
      output: { name: 'probabilities', dims: ['N', OUTPUTS] },
    },
    metadata,
  );

  /** (x - mean) / sqrt(variance + epsilon), for each image. */
  function addStandardisation(): void {
    const overImage = { axes: [1, 2, 3], keepdims: 1 };
    const images = findResult();
    const mean = add('ReduceMean', { attributes: overImage });
    const centred = add('Sub', { of: images, with: [mean] });
    add('Mul', { with: [centred] });
    add('ReduceMean', { attributes: overImage });
    add('Add', { with: [constant('standardisation/epsilon', [1], Float32Array.of(STANDARDISATION_EPSILON))] });
    const deviation = add('Sqrt');
    add('Div', { of: centred, with: [deviation] });
  }

  /** Each pixel less the average around it, over the average departure from that around it. */
  function addLocalContrast(): void {
    const matrix = toAveraging();
    const averaging = {
      rows: constant('averaging/rows', [IMAGE_SIDE, IMAGE_SIDE], matrix),
      columns: constant('averaging/columns', [IMAGE_SIDE, IMAGE_SIDE], transpose(matrix)),
    };
    const images = findResult();
    const average = addProduct(averaging.rows, images, averaging.columns);
    const detail = add('Sub', { of: images, with: [average] });
    const departure = add('Abs');
    const contrast = addProduct(averaging.rows, departure, averaging.columns);
    add('Mul', { with: [contrast] });
    add('Add', { with: [constant('contrast/floor', [1], Float32Array.of(CONTRAST_FLOOR ** 2))] });
    const divisor = add('Sqrt');
    add('Div', { of: detail, with: [divisor] });
  }

  /** rows * image * columns, for each image. */
  function addProduct(rows: string, images: string, columns: string): string {
    const lines = add('MatMul', { of: images, with: [columns] });
    return add('MatMul', { of: rows, with: [lines] });
  }

  function findResult(): string {
    return graph.nodes.at(-1)!.output[0]!;
  }

  /** Puts the looks behind one another: [N, 1, 48, 48] becomes [views * N, 1, 48, 48]. */
  function addViews(): void {
    const images = findResult();
    const looks = VIEWS.map((view) => (view === 'mirrored' ? addMirrored(images) : images));
    add('Concat', { of: looks[0]!, with: looks.slice(1), attributes: { axis: 0 } });
  }

  /** Each line from its last pixel to its first; the end lies before that. */
  function addMirrored(images: string): string {
    const range = { starts: -1, ends: -IMAGE_SIDE - 1, axes: 3, steps: -1 };
    return add('Slice', { of: images, with: Object.entries(range).map(([name, value]) => integers(`mirror/${name}`, [value])) });
  }

  function addHiddenLayer({ layer: { name, filters, kernelSide, isPooled }, inputChannels }: LayerShape): void {
    const { scale, sign, offset } = toLinearMap(weights, name);
    const kernel = toKernel(findView(weights, `${name}/kernel`), scale, inputChannels);
    add('Conv', {
      with: [
        constant(`${name}/kernel`, [filters, inputChannels, kernelSide, kernelSide], kernel),
        constant(`${name}/bias`, [filters], offset),
      ],
      attributes: { kernel_shape: [kernelSide, kernelSide], pads: Array<number>(4).fill((kernelSide - 1) / 2) },
    });
    if (isPooled) add('MaxPool', { attributes: { kernel_shape: [2, 2], strides: [2, 2] } });
    if (sign.includes(-1)) add('Mul', { with: [constant(`${name}/sign`, [1, filters, 1, 1], sign)] });
    add('Relu');
  }
}

interface LinearMap {
  /** Not negative. */
  readonly scale: Float32Array;
  /** 1 or -1. */
  readonly sign: Float32Array;
  readonly offset: Float32Array;
}

/**
 * Normalisation with fixed statistics as sign * (scale * x + offset), for each channel. Scale and offset go into the
 * layer's map. The sign can't, where pooling follows, for the maximum of negated numbers is another one; as training
 * starts from scales of one, it is seldom negative and then costs a multiplication of its own.
 */
function toLinearMap(weights: NetworkWeights, layer: string): LinearMap {
  const [scales, offsets, means, variances] = ['scale', 'offset', 'mean', 'variance'].map((part) => findView(weights, `${layer}/${part}`)) as [
    Float32Array, Float32Array, Float32Array, Float32Array,
  ];
  const factors = scales.map((scale, channel) => scale / Math.sqrt(variances[channel]! + NORMALISATION_EPSILON));
  const sign = factors.map((factor) => (factor < 0 ? -1 : 1));
  return {
    scale: factors.map(Math.abs),
    sign,
    offset: offsets.map((offset, channel) => sign[channel]! * (offset - factors[channel]! * means[channel]!)),
  };
}

/** From [height, width, in, out] to [out, in, height, width], scaled for each channel that comes out. */
function toKernel(values: Float32Array, scale: Float32Array, inputs: number): Float32Array {
  const outputs = scale.length;
  const places = values.length / (inputs * outputs);
  const kernel = new Float32Array(values.length);
  for (const [index, value] of values.entries()) {
    const output = index % outputs;
    const input = Math.floor(index / outputs) % inputs;
    const place = Math.floor(index / (outputs * inputs));
    kernel[(output * inputs + input) * places + place] = value * scale[output]!;
  }
  return kernel;
}

interface Operation {
  /** What it works on; otherwise the result of the operation before. */
  readonly of?: string;
  readonly with?: readonly string[];
  readonly attributes?: OnnxNode['attributes'];
  readonly output?: string;
}

/** Collects the nodes of a graph that is mostly a chain. */
function createGraph(input: string) {
  const nodes: OnnxNode[] = [];
  const constants: OnnxConstant[] = [];
  let current = input;
  return {
    graph: { nodes, constants },
    /** Appends an operation and gives the name of its result. */
    add(opType: string, { of = current, with: others = [], attributes = {}, output }: Operation = {}): string {
      const name = `${opType.toLowerCase()}-${nodes.length}`;
      current = output ?? name;
      nodes.push({ opType, name, input: [of, ...others], output: [current], attributes });
      return current;
    },
    constant(name: string, dims: readonly number[], values: Float32Array): string {
      constants.push({ name, dims, values });
      return name;
    },
    integers(name: string, values: readonly number[]): string {
      constants.push({ name, dims: [values.length], values: BigInt64Array.from(values.map(BigInt)) });
      return name;
    },
  };
}
