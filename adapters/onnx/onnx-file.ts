/**
 * As little of the ONNX file format (a protobuf) as a network of convolutions needs; the field numbers are those of
 * onnx.proto3. What is written here is read by ONNX Runtime alone.
 */

const FLOAT = 1;
const UINT8 = 2;
const INT64 = 7;
const INTEGER = 2;
const TEXT = 3;
const INTEGERS = 7;
const IR_VERSION = 8;
const OPERATOR_SET = 13;

/** A part of the file in pieces: weights are many megabytes, and are copied once, at the end. */
export type Pieces = readonly Uint8Array[];

export type Attribute = number | string | readonly number[];

export interface TensorInfo {
  readonly name: string;
  readonly type: 'float32' | 'uint8';
  /** A name stands for a size that each run may choose. */
  readonly dims: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Made by {@link toNode} in the order in which they are computed. */
  readonly nodes: readonly Pieces[];
  /** Made by {@link toFloats}, {@link toBytes} and {@link toIntegers}. */
  readonly constants: readonly Pieces[];
}

export function toNode(operator: string, inputs: readonly string[], output: string, attributes: Readonly<Record<string, Attribute>> = {}): Pieces {
  return join(
    ...inputs.map((input) => text(1, input)),
    text(2, output),
    text(4, operator),
    ...Object.entries(attributes).map(([name, value]) => field(5, toAttribute(name, value))),
  );
}

export function toFloats(name: string, dims: readonly number[], values: Float32Array): Pieces {
  return toConstant(name, dims, FLOAT, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

export function toBytes(name: string, dims: readonly number[], values: Uint8Array): Pieces {
  return toConstant(name, dims, UINT8, values);
}

export function toIntegers(name: string, values: readonly number[]): Pieces {
  return toConstant(name, [values.length], INT64, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
}

export function toOnnxFile({ inputs, outputs, nodes, constants }: OnnxGraph): Uint8Array {
  const graph = [
    ...nodes.map((node) => field(1, node)),
    text(2, 'graph'),
    ...constants.map((constant) => field(5, constant)),
    ...inputs.map((info) => field(11, toInfo(info))),
    ...outputs.map((info) => field(12, toInfo(info))),
  ];
  return Buffer.concat(join(integer(1, IR_VERSION), field(7, join(...graph)), field(8, join(text(1, ''), integer(2, OPERATOR_SET)))));
}

function toConstant(name: string, dims: readonly number[], type: number, bytes: Uint8Array): Pieces {
  return join(...dims.map((dim) => integer(1, dim)), integer(2, type), text(8, name), field(9, [bytes]));
}

function toAttribute(name: string, value: Attribute): Pieces {
  if (typeof value === 'number') return join(text(1, name), integer(3, value), integer(20, INTEGER));
  if (typeof value === 'string') return join(text(1, name), text(4, value), integer(20, TEXT));
  return join(text(1, name), ...value.map((item) => integer(8, item)), integer(20, INTEGERS));
}

function toInfo({ name, type, dims }: TensorInfo): Pieces {
  const shape = join(...dims.map((dim) => field(1, typeof dim === 'string' ? text(2, dim) : integer(1, dim))));
  const tensor = join(integer(1, type === 'uint8' ? UINT8 : FLOAT), field(2, shape));
  return join(text(1, name), field(2, field(1, tensor)));
}

function integer(number: number, value: number): Pieces {
  return [varint(number << 3), varint(value)];
}

function text(number: number, value: string): Pieces {
  return field(number, [Buffer.from(value)]);
}

function field(number: number, pieces: Pieces): Pieces {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return [varint((number << 3) | 2), varint(length), ...pieces];
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const seven = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? seven | 0x80 : seven);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

function join(...parts: Pieces[]): Pieces {
  return parts.flat();
}
