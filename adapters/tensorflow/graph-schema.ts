import protobuf from 'protobufjs/light.js';

/**
 * The part of TensorFlow's SavedModel format that a graph without variables needs, with the field numbers of
 * tensorflow/core/protobuf/{saved_model,meta_graph}.proto and tensorflow/core/framework/{graph,node_def,attr_value,tensor,
 * tensor_shape,versions}.proto (github.com/tensorflow/tensorflow, Apache-2.0).
 */
const schema = protobuf.Root.fromJSON({
  nested: {
    SavedModel: {
      fields: {
        savedModelSchemaVersion: { id: 1, type: 'int64' },
        metaGraphs: { id: 2, rule: 'repeated', type: 'MetaGraphDef' },
      },
    },
    MetaGraphDef: { fields: { metaInfoDef: { id: 1, type: 'MetaInfoDef' }, graphDef: { id: 2, type: 'GraphDef' } } },
    MetaInfoDef: { fields: { tags: { id: 4, rule: 'repeated', type: 'string' } } },
    GraphDef: { fields: { node: { id: 1, rule: 'repeated', type: 'NodeDef' }, versions: { id: 4, type: 'VersionDef' } } },
    VersionDef: { fields: { producer: { id: 1, type: 'int32' } } },
    NodeDef: {
      fields: {
        name: { id: 1, type: 'string' },
        op: { id: 2, type: 'string' },
        input: { id: 3, rule: 'repeated', type: 'string' },
        attr: { id: 5, keyType: 'string', type: 'AttrValue' } as protobuf.IMapField,
      },
    },
    AttrValue: {
      fields: {
        list: { id: 1, type: 'ListValue' },
        s: { id: 2, type: 'bytes' },
        i: { id: 3, type: 'int64' },
        f: { id: 4, type: 'float' },
        b: { id: 5, type: 'bool' },
        type: { id: 6, type: 'DataType' },
        shape: { id: 7, type: 'TensorShapeProto' },
        tensor: { id: 8, type: 'TensorProto' },
      },
      oneofs: { value: { oneof: ['list', 's', 'i', 'f', 'b', 'type', 'shape', 'tensor'] } },
    },
    ListValue: { fields: { i: { id: 3, rule: 'repeated', type: 'int64' } } },
    TensorProto: {
      fields: {
        dtype: { id: 1, type: 'DataType' },
        tensorShape: { id: 2, type: 'TensorShapeProto' },
        tensorContent: { id: 4, type: 'bytes' },
      },
    },
    TensorShapeProto: { fields: { dim: { id: 2, rule: 'repeated', type: 'Dim' } } },
    Dim: { fields: { size: { id: 1, type: 'int64' } } },
    DataType: { values: { DT_INVALID: 0, DT_FLOAT: 1, DT_INT32: 3 } },
  },
});

const SavedModel = schema.lookupType('SavedModel');

/** What a graph is found by in a SavedModel, which can hold several. */
export const GRAPH_TAG = 'barometer';

/** Of the graph format; TensorFlow 2.13 writes 1482, and reads whatever is older. */
const PRODUCER_VERSION = 1482;

export type AttributeValue =
  | { readonly type: 'DT_FLOAT' | 'DT_INT32' }
  | { readonly i: number }
  | { readonly f: number }
  | { readonly b: boolean }
  | { readonly s: string }
  | { readonly ints: readonly number[] }
  | { readonly shape: readonly number[] }
  | { readonly tensor: ConstantTensor };

export interface ConstantTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

export interface GraphNode {
  readonly name: string;
  /** An operation of TensorFlow's. */
  readonly op: string;
  /** Names of nodes; `name:1` is the second result of one that has several. */
  readonly input: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** Writes the content of the file `saved_model.pb`: one graph, tagged {@link GRAPH_TAG}. */
export function encodeSavedModel(nodes: readonly GraphNode[]): Uint8Array {
  const node = nodes.map(({ name, op, input, attributes }) => ({
    name,
    op,
    input,
    attr: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, toAttribute(value)])),
  }));
  const graphDef = { node, versions: { producer: PRODUCER_VERSION } };
  const metaGraphs = [{ metaInfoDef: { tags: [GRAPH_TAG] }, graphDef }];
  return SavedModel.encode(SavedModel.fromObject({ savedModelSchemaVersion: 1, metaGraphs })).finish();
}

function toAttribute(value: AttributeValue) {
  if ('s' in value) return { s: Buffer.from(value.s) };
  if ('ints' in value) return { list: { i: value.ints } };
  if ('shape' in value) return { shape: toShape(value.shape) };
  if ('tensor' in value) return { tensor: toTensor(value.tensor) };
  return value;
}

function toTensor({ shape, values }: ConstantTensor) {
  return {
    dtype: values instanceof Float32Array ? 'DT_FLOAT' : 'DT_INT32',
    tensorShape: toShape(shape),
    // Little-endian, as every processor is that TensorFlow runs on.
    tensorContent: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}

function toShape(shape: readonly number[]) {
  return { dim: shape.map((size) => ({ size })) };
}
