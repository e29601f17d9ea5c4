import protobuf from 'protobufjs/light.js';

/**
 * The part of ONNX's file format that the exporter writes, with the field numbers of onnx.proto
 * (github.com/onnx/onnx, onnx/onnx.proto, Apache-2.0).
 */
const schema = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: { id: 1, type: 'int64' },
        producerName: { id: 2, type: 'string' },
        graph: { id: 7, type: 'GraphProto' },
        opsetImport: { id: 8, rule: 'repeated', type: 'OperatorSetIdProto' },
        metadataProps: { id: 14, rule: 'repeated', type: 'StringStringEntryProto' },
      },
    },
    OperatorSetIdProto: { fields: { domain: { id: 1, type: 'string' }, version: { id: 2, type: 'int64' } } },
    StringStringEntryProto: { fields: { key: { id: 1, type: 'string' }, value: { id: 2, type: 'string' } } },
    GraphProto: {
      fields: {
        node: { id: 1, rule: 'repeated', type: 'NodeProto' },
        name: { id: 2, type: 'string' },
        initializer: { id: 5, rule: 'repeated', type: 'TensorProto' },
        input: { id: 11, rule: 'repeated', type: 'ValueInfoProto' },
        output: { id: 12, rule: 'repeated', type: 'ValueInfoProto' },
      },
    },
    NodeProto: {
      fields: {
        input: { id: 1, rule: 'repeated', type: 'string' },
        output: { id: 2, rule: 'repeated', type: 'string' },
        name: { id: 3, type: 'string' },
        opType: { id: 4, type: 'string' },
        attribute: { id: 5, rule: 'repeated', type: 'AttributeProto' },
      },
    },
    AttributeProto: {
      fields: {
        name: { id: 1, type: 'string' },
        i: { id: 3, type: 'int64' },
        ints: { id: 8, rule: 'repeated', type: 'int64', options: { packed: false } },
        type: { id: 20, type: 'AttributeType' },
      },
    },
    AttributeType: { values: { UNDEFINED: 0, INT: 2, INTS: 7 } },
    TensorProto: {
      fields: {
        dims: { id: 1, rule: 'repeated', type: 'int64', options: { packed: false } },
        dataType: { id: 2, type: 'DataType' },
        name: { id: 8, type: 'string' },
        rawData: { id: 9, type: 'bytes' },
      },
    },
    DataType: { values: { NONE: 0, FLOAT: 1, INT64: 7 } },
    ValueInfoProto: { fields: { name: { id: 1, type: 'string' }, type: { id: 2, type: 'TypeProto' } } },
    TypeProto: { fields: { tensorType: { id: 1, type: 'TensorTypeProto' } } },
    TensorTypeProto: { fields: { elemType: { id: 1, type: 'DataType' }, shape: { id: 2, type: 'TensorShapeProto' } } },
    TensorShapeProto: { fields: { dim: { id: 1, rule: 'repeated', type: 'Dimension' } } },
    Dimension: { fields: { dimValue: { id: 1, type: 'int64' }, dimParam: { id: 2, type: 'string' } } },
  },
});

const ModelProto = schema.lookupType('ModelProto');

export interface OnnxNode {
  readonly opType: string;
  readonly name: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attributes: Readonly<Record<string, number | readonly number[]>>;
}

export interface OnnxConstant {
  readonly name: string;
  readonly dims: readonly number[];
  /** BigInt64Array for shapes and axes. */
  readonly values: Float32Array | BigInt64Array;
}

export interface OnnxValue {
  readonly name: string;
  /** A name stands for a size that is known only when it runs. */
  readonly dims: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly input: OnnxValue;
  readonly output: OnnxValue;
}

/** Both are old enough for every run time in use and new enough for each operation here. */
const IR_VERSION = 8;
const OPSET_VERSION = 17;

/** Writes a graph of float32 values as an ONNX file. `metadata` travels with it for whoever opens it. */
export function encodeOnnx(graph: OnnxGraph, metadata: Readonly<Record<string, string>>): Uint8Array {
  const message = ModelProto.fromObject({
    irVersion: IR_VERSION,
    producerName: 'barometer',
    opsetImport: [{ domain: '', version: OPSET_VERSION }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      node: graph.nodes.map(({ attributes, ...node }) => ({ ...node, attribute: Object.entries(attributes).map(toAttribute) })),
      initializer: graph.constants.map(toTensor),
      input: [toValueInfo(graph.input)],
      output: [toValueInfo(graph.output)],
    },
  });
  return ModelProto.encode(message).finish();
}

function toAttribute([name, value]: [string, number | readonly number[]]) {
  return typeof value === 'number' ? { name, type: 'INT', i: value } : { name, type: 'INTS', ints: value };
}

function toTensor({ name, dims, values }: OnnxConstant) {
  return {
    name,
    dims,
    dataType: values instanceof Float32Array ? 'FLOAT' : 'INT64',
    // Little-endian, as the format wants it and every processor that Node runs on has it.
    rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}

function toValueInfo({ name, dims }: OnnxValue) {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: 'FLOAT', shape: { dim } } } };
}
