import type { FaceWeights, Weight } from './face-weights.ts';
import type { Attribute, Pieces, TensorInfo } from './onnx-file.ts';
import { toBytes, toFloats, toIntegers, toNode, toOnnxFile } from './onnx-file.ts';

/** A network under construction: what is computed, in this order, and what it is computed with. */
export interface NetworkGraph {
  /** @throws RangeError when there are no weights of this name */
  find(name: string): Weight;
  /** Computes something, and gives the name of the result; one is made up when none is said. */
  add(operator: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>, output?: string): string;
  /** Each of these adds a constant, and gives its name. */
  floats(dims: readonly number[], values: Float32Array): string;
  bytes(dims: readonly number[], values: Uint8Array): string;
  integers(...values: number[]): string;
  /** Has the channels of a kernel first, as ONNX does; in the weights they are last, as TensorFlow has them. Done once, when the network is loaded. */
  toChannelsFirst(kernel: string): string;
  toFile(ends: { readonly inputs: readonly TensorInfo[]; readonly outputs: readonly TensorInfo[] }): Uint8Array;
}

/** Of height, width, channels in and channels out. */
const CHANNELS_FIRST = [3, 2, 0, 1];

/** Begins a network of these weights, to be written as ONNX. */
export function beginNetwork(weights: FaceWeights): NetworkGraph {
  const nodes: Pieces[] = [];
  const constants: Pieces[] = [];
  let names = 0;

  function toName(): string {
    names += 1;
    return `v${names}`;
  }

  function keep(toConstant: (name: string) => Pieces): string {
    const name = toName();
    constants.push(toConstant(name));
    return name;
  }

  function add(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}, output = toName()): string {
    nodes.push(toNode(operator, inputs, output, attributes));
    return output;
  }

  return {
    find(name) {
      const weight = weights.get(name);
      if (weight === undefined) throw new RangeError(`the network has no weights ${name}`);
      return weight;
    },
    add,
    floats: (dims, values) => keep((name) => toFloats(name, dims, values)),
    bytes: (dims, values) => keep((name) => toBytes(name, dims, values)),
    integers: (...values) => keep((name) => toIntegers(name, values)),
    toChannelsFirst: (kernel) => add('Transpose', [kernel], { perm: CHANNELS_FIRST }),
    toFile: (ends) => toOnnxFile({ nodes, constants, ...ends }),
  };
}
